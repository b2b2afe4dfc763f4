package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.RoomReach;
import org.headrace.ingest.client.Writes;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.command.RoomCommand.Draft;

/** The command of a PUT of state: membership has one of its own, aliases are checked first. */
@ApplicationScoped
public class StateChanges {
  private static final StateKey CANONICAL_ALIAS = new StateKey("m.room.canonical_alias", "");
  private static final int ALIASES_MAX = 100;

  @Inject AccountsView accounts;
  @Inject CurrentState current;
  @Inject InvitePolicy invites;
  @Inject RoomReach reach;
  @Inject Writes writes;

  RoomCommand command(
      UserId sender, RoomId room, String type, String stateKey, ObjectNode content) {
    if (type.equals("m.room.member")) {
      return membership(sender, room, Ids.user(stateKey), content);
    }
    if (type.equals("m.room.create")) {
      throw MatrixError.invalidParam("A room has one create event, from its beginning");
    }
    if (type.equals(CANONICAL_ALIAS.type()) && stateKey.isEmpty()) {
      requireAliases(room, content);
    }
    current.requireServerAllowed(room, sender);
    return new RoomCommand.SendEvent(
        writes.newId(), writes.now(), room, new Draft(sender, type, stateKey, content), null);
  }

  /**
   * The event that says the same of this entry, by the same sender who is still there: nothing is
   * to be sent then, as other servers do it too. While the views are away it is said again.
   */
  Optional<EventId> standing(
      UserId sender, RoomId room, String type, String stateKey, ObjectNode content) {
    try {
      if (type.equals("m.room.member") || !current.isJoined(room, sender)) {
        return Optional.empty();
      }
      return current
          .event(room, new StateKey(type, stateKey))
          .filter(event -> event.sender().equals(sender) && event.content().equals(content))
          .map(Pdu::id);
    } catch (ViewsUnavailableException e) {
      return Optional.empty();
    }
  }

  private RoomCommand membership(UserId sender, RoomId room, UserId target, ObjectNode content) {
    Action action =
        switch (content.path("membership").asText()) {
          case "join" -> Action.JOIN_AS;
          case "invite" -> Action.INVITE;
          case "knock" -> Action.KNOCK;
          case "ban" -> Action.BAN;
          case "leave" -> sender.equals(target) ? Action.LEAVE : removal(room, target);
          default -> throw MatrixError.badJson("membership is missing or not known");
        };
    if (action != Action.LEAVE) {
      current.requireServerAllowed(room, sender);
    }
    boolean enters = action == Action.JOIN_AS || action == Action.KNOCK;
    if (enters && !reach.isReached(room, sender.server())) {
      throw MatrixError.notFound("This server is not in the room");
    }
    if (action == Action.INVITE) {
      invites.requireReachable(sender.server(), target);
    }
    List<RoomId> evidence = action == Action.JOIN_AS ? evidence(room, target) : null;
    boolean remote = action == Action.INVITE && invites.isRemote(target);
    ObjectNode rest = content.deepCopy();
    rest.remove("membership");
    return new RoomCommand.ChangeMembership(
        writes.newId(), writes.now(), room, sender, target, action, rest, evidence, remote);
  }

  private Action removal(RoomId room, UserId target) {
    return current.membership(room, target).equals("ban") ? Action.UNBAN : Action.KICK;
  }

  /** Who is in the room already needs none, which is known of some while the views are away. */
  private List<RoomId> evidence(RoomId room, UserId user) {
    try {
      return current.restrictedEvidence(room, user);
    } catch (ViewsUnavailableException e) {
      if (current.isJoined(room, user)) {
        return List.of();
      }
      throw e;
    }
  }

  /**
   * Aliases that the event newly names must point to the room: else M_BAD_ALIAS, or M_INVALID_PARAM
   * for what is no alias (client-server API, PUT state).
   */
  private void requireAliases(RoomId room, ObjectNode content) {
    Set<String> known =
        current
            .event(room, CANONICAL_ALIAS)
            .map(Pdu::content)
            .map(StateChanges::aliases)
            .orElseGet(TreeSet::new);
    Set<String> named = aliases(content);
    if (named.size() > ALIASES_MAX) {
      throw MatrixError.invalidParam("A room may name " + ALIASES_MAX + " aliases at most");
    }
    for (String name : named) {
      if (!known.contains(name) && !pointsTo(name, room)) {
        throw new MatrixError(400, "M_BAD_ALIAS", name + " does not point to this room");
      }
    }
  }

  private boolean pointsTo(String name, RoomId room) {
    RoomAlias alias;
    try {
      alias = new RoomAlias(name);
    } catch (InvalidIdException e) {
      throw MatrixError.invalidParam(name + " is not a room alias");
    }
    Optional<RoomId> target = accounts.alias(alias);
    return target.isPresent() && target.get().equals(room);
  }

  /** {@code alias} and {@code alt_aliases}; values of another type are left to the room. */
  private static Set<String> aliases(ObjectNode content) {
    Set<String> aliases = new TreeSet<>();
    JsonNode alias = content.path("alias");
    if (alias.isTextual() && !alias.textValue().isEmpty()) {
      aliases.add(alias.textValue());
    }
    for (JsonNode alternative : content.path("alt_aliases")) {
      if (alternative.isTextual()) {
        aliases.add(alternative.textValue());
      }
    }
    return aliases;
  }
}
