package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.headrace.core.auth.Membership;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.command.RoomCommand.ChangeMembership;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.record.Failure;
import org.headrace.stateres.room.Drafting.Drafted;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;

/**
 * Decides membership changes (client-server API, "Room membership"): what each action needs of its
 * target beyond the auth rules, and which need no event.
 */
final class Memberships {
  private static final String TYPE = "m.room.member";
  private static final String AUTHORISED_VIA = "join_authorised_via_users_server";

  /** Users looked at to find who can authorise a restricted join. */
  private static final int AUTHORISERS_MAX = 1000;

  private final RoomStore store;
  private final Residency residency;
  private final Drafting drafting;

  Memberships(RoomStore store, Residency residency, Drafting drafting) {
    this.store = store;
    this.residency = residency;
    this.drafting = drafting;
  }

  List<Output> decide(Decision decision, ChangeMembership command) {
    Head head = store.head(decision.state(), command.roomId());
    if (head == null || !isHeld(decision, command, head)) {
      return decision.refuse(notHeld(command.action()));
    }
    StateLookup state = drafting.current(decision, head);
    Optional<Pdu> member = state.get(StateKey.member(command.target().value()));
    String present = member.map(Membership::of).orElse(Membership.LEAVE);
    if (member.isPresent() && isThereAlready(command.action(), present)) {
      return decision.settle(Decision.done("event_id", member.get().id().value()));
    }
    Optional<Refusal> refusal = check(command, member.isPresent(), present);
    if (refusal.isPresent()) {
      return decision.refuse(refusal.get());
    }
    ObjectNode content = command.content().deepCopy();
    content.put("membership", membership(command.action()));
    content.remove(AUTHORISED_VIA);
    boolean joins = command.action() == Action.JOIN || command.action() == Action.JOIN_AS;
    if (joins && !present.equals(Membership.INVITE) && !present.equals(Membership.JOIN)) {
      authoriser(decision, command, head, state)
          .ifPresent(user -> content.put(AUTHORISED_VIA, user));
    }
    Draft draft = new Draft(command.sender(), TYPE, command.target().value(), content);
    boolean invitesRemote = command.action() == Action.INVITE && command.remoteTarget();
    Drafted drafted =
        invitesRemote
            ? drafting.invite(decision, draft, command.target().server())
            : drafting.add(decision, draft, null, null);
    return switch (drafted) {
      case Drafted.Refused refused -> decision.refuse(refused.refusal());
      case Drafted.Recorded recorded ->
          decision.settle(Decision.done("event_id", recorded.event().value()));
      case Drafted.Pending pending -> decision.settle(SeenCommands.pending(pending.effectId()));
    };
  }

  /** Who was invited from elsewhere since all had left is better told by who invited. */
  private boolean isHeld(Decision decision, ChangeMembership command, Head head) {
    State state = decision.state();
    boolean isHeld = residency.isHeld(state, command.roomId(), head, command.sender().server());
    return isHeld
        && (head.joined() > 0
            || store.remembered(state, command.roomId(), command.target()) == null);
  }

  /** Users change their own membership of a room that is not held through another server. */
  private static Refusal notHeld(Action action) {
    return switch (action) {
      case JOIN, JOIN_AS, KNOCK, LEAVE ->
          new Refusal(Failure.NOT_FOUND, "the room is not held here");
      case INVITE, KICK, BAN, UNBAN -> new Refusal(Failure.FORBIDDEN, "you are not in this room");
    };
  }

  /**
   * Whether the target is where the action would bring it, so that nothing needs to be said. Joins
   * as a content says and bans are always said, if the auth rules let them: of the present content
   * the store holds only what redaction keeps, so it cannot tell whether they repeat it.
   */
  private static boolean isThereAlready(Action action, String present) {
    return switch (action) {
      case JOIN -> present.equals(Membership.JOIN);
      case LEAVE -> present.equals(Membership.LEAVE);
      case INVITE, JOIN_AS, KNOCK, KICK, BAN, UNBAN -> false;
    };
  }

  private static Optional<Refusal> check(ChangeMembership command, boolean known, String present) {
    boolean own = command.sender().equals(command.target());
    return switch (command.action()) {
      case JOIN, JOIN_AS, KNOCK ->
          own ? Optional.empty() : forbidden("only users themselves may join or knock");
      case LEAVE -> {
        if (!own) {
          yield forbidden("only users themselves may leave");
        }
        yield known ? Optional.empty() : forbidden("you are not in this room");
      }
      case KICK ->
          present.equals(Membership.LEAVE) || present.equals(Membership.BAN)
              ? forbidden("the user is not in this room")
              : Optional.empty();
      case UNBAN ->
          present.equals(Membership.BAN)
              ? Optional.empty()
              : Optional.of(new Refusal(Failure.BAD_STATE, "the user is not banned"));
      case INVITE, BAN -> Optional.empty();
    };
  }

  private static Optional<Refusal> forbidden(String message) {
    return Optional.of(new Refusal(Failure.FORBIDDEN, message));
  }

  private static String membership(Action action) {
    return switch (action) {
      case INVITE -> Membership.INVITE;
      case JOIN, JOIN_AS -> Membership.JOIN;
      case KNOCK -> Membership.KNOCK;
      case LEAVE, KICK, UNBAN -> Membership.LEAVE;
      case BAN -> Membership.BAN;
    };
  }

  /**
   * Who authorises a restricted join (room version 8, "Restricted rooms"): a joined user of a
   * server of this deployment who may invite, if the evidence names a room of the allow list.
   */
  private Optional<String> authoriser(
      Decision decision, ChangeMembership command, Head head, StateLookup state) {
    List<RoomId> evidence = command.restrictedEvidence();
    JsonNode rules =
        state
            .get(StateKey.JOIN_RULES)
            .<JsonNode>map(Pdu::content)
            .orElse(MissingNode.getInstance());
    String rule = rules.path("join_rule").asText();
    if (evidence == null || !(rule.equals("restricted") || rule.equals("knock_restricted"))) {
      return Optional.empty();
    }
    boolean allowed = false;
    for (JsonNode condition : rules.path("allow")) {
      String room = condition.path("room_id").asText();
      allowed |=
          condition.path("type").asText().equals("m.room_membership")
              && evidence.stream().anyMatch(known -> known.value().equals(room));
    }
    if (!allowed) {
      return Optional.empty();
    }
    PowerLevels levels = PowerLevels.of(head.roomVersion(), state);
    return candidates(decision, head, state).stream()
        .limit(AUTHORISERS_MAX)
        .filter(user -> mayAuthorise(decision, state, levels, user))
        .findFirst();
  }

  /** Users with a power of their own, then all members. */
  private List<String> candidates(Decision decision, Head head, StateLookup state) {
    TreeSet<String> powerful = new TreeSet<>();
    state
        .get(StateKey.CREATE)
        .ifPresent(create -> powerful.addAll(PowerLevels.creators(head.roomVersion(), create)));
    state
        .get(StateKey.POWER_LEVELS)
        .ifPresent(
            levels -> levels.content().path("users").fieldNames().forEachRemaining(powerful::add));
    List<String> users = new ArrayList<>(powerful);
    for (StateKey key : store.tree(decision.state()).entries(head.root()).keySet()) {
      if (key.type().equals(TYPE)) {
        users.add(key.stateKey());
      }
    }
    return users;
  }

  private static boolean mayAuthorise(
      Decision decision, StateLookup state, PowerLevels levels, String user) {
    try {
      return Residency.isHosted(decision.state(), decision.room(), new UserId(user).server())
          && Membership.of(state, user).equals(Membership.JOIN)
          && levels.userLevel(user) >= levels.invite();
    } catch (InvalidIdException e) {
      return false;
    }
  }
}
