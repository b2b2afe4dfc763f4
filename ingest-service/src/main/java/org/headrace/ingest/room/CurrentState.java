package org.headrace.ingest.room;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.auth.ServerAcl;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.Lately;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.tenant.Tenants;

/**
 * What the views hold of a room's state: the evidence that commands carry, and checks whose answer
 * the room does not need. The room decides again by its own state. While the views are away, what
 * was lately known of memberships and server ACLs stands in for checks, but never as evidence.
 */
@ApplicationScoped
public class CurrentState {
  /** Rooms of an allow list that are looked at. */
  private static final int ALLOWED_ROOMS_MAX = 100;

  @Inject RoomsView rooms;
  @Inject StateView state;
  @Inject TimelineView timeline;
  @Inject Tenants tenants;

  private record Member(RoomId room, UserId user) {}

  private record Server(RoomId room, ServerName name) {}

  private final Lately<Member, String> memberships = new Lately<>();
  private final Lately<Server, Boolean> denied = new Lately<>();

  public boolean isJoined(RoomId room, UserId user) {
    return membership(room, user).equals("join");
  }

  /** The user's membership, {@code leave} if there is none. */
  public String membership(RoomId room, UserId user) {
    return memberships.read(
        new Member(room, user),
        () -> rooms.membership(room, user).map(RoomsView.Membership::membership).orElse("leave"));
  }

  /** The room has decided what only who is joined may do, or a membership. */
  public void decided(RoomId room, UserId user, String membership) {
    memberships.put(new Member(room, user), membership);
  }

  /** Throws M_FORBIDDEN. */
  public void requireJoined(RoomId room, UserId user) {
    if (!isJoined(room, user)) {
      throw MatrixError.forbidden("You are not in this room");
    }
  }

  /**
   * Throws M_FORBIDDEN if the room's ACL denies the user's server and another tenant is there,
   * which would refuse what comes from it: tenants of one deployment are servers to each other
   * (design D9). Where there is none, the servers that receive it refuse it.
   */
  public void requireServerAllowed(RoomId room, UserId user) {
    ServerName tenant = user.server();
    if (!tenants.isAlone(tenant)
        && denied.read(new Server(room, tenant), () -> isDeniedByOthers(room, tenant))) {
      throw MatrixError.forbidden("This room's server ACL denies " + user.server());
    }
  }

  private boolean isDeniedByOthers(RoomId room, ServerName tenant) {
    // Most rooms have no ACL; who is there is many rows.
    return !isServerAllowed(room, tenant) && areOtherTenantsIn(room, tenant);
  }

  private boolean areOtherTenantsIn(RoomId room, ServerName tenant) {
    return rooms.servers(room).stream()
        .anyMatch(server -> tenants.isHosted(server) && !server.equals(tenant));
  }

  /** Whether the room's server ACL lets this server act on the room. */
  public boolean isServerAllowed(RoomId room, ServerName server) {
    return event(room, StateKey.SERVER_ACL)
        .map(event -> new ServerAcl(event.content()).allows(server))
        .orElse(true);
  }

  /** The event that is this entry of the state, if the room has one. */
  public Optional<Pdu> event(RoomId room, StateKey key) {
    return rooms
        .room(room)
        .flatMap(row -> state.entry(room, key, row.last()))
        .flatMap(id -> timeline.event(room, id))
        .map(CurrentState::pdu);
  }

  private static Pdu pdu(EventRow row) {
    return new Pdu(row.eventId(), row.roomId(), row.pdu());
  }

  /** The policy server that the room names; it is used if a user of it is joined. */
  public Optional<PolicyServer> policyServer(RoomId room) {
    return event(room, PolicyServer.STATE_KEY)
        .flatMap(event -> PolicyServer.of(event.content(), via -> true));
  }

  public boolean isKnown(RoomId room) {
    return rooms.room(room).isPresent();
  }

  /** Whether the user may send the room's canonical alias. */
  public boolean maySetAliases(RoomId room, UserId user) {
    Optional<RoomVersion> version =
        rooms.room(room).flatMap(row -> RoomVersion.find(row.roomVersion()));
    if (version.isEmpty() || !isJoined(room, user)) {
      return false;
    }
    StateLookup lookup = key -> event(room, key);
    PowerLevels levels = PowerLevels.of(version.get(), lookup);
    return levels.userLevel(user) >= levels.required("m.room.canonical_alias", true);
  }

  /**
   * Rooms of the join rule's allow list that the user is in (room version 8, "Restricted rooms"):
   * what the room takes our word for, so nothing stands in for the views.
   */
  public List<RoomId> restrictedEvidence(RoomId room, UserId user) {
    TreeSet<RoomId> evidence = new TreeSet<>();
    event(room, StateKey.JOIN_RULES)
        .ifPresent(
            rules -> {
              int looked = 0;
              for (var condition : rules.content().path("allow")) {
                if (looked++ >= ALLOWED_ROOMS_MAX) {
                  break;
                }
                roomOf(condition.path("room_id").asText())
                    .filter(allowed -> isShownJoined(allowed, user))
                    .ifPresent(evidence::add);
              }
            });
    return List.copyOf(evidence);
  }

  private boolean isShownJoined(RoomId room, UserId user) {
    return rooms.membership(room, user).filter(row -> row.membership().equals("join")).isPresent();
  }

  /** Whether the room's join rule lets members of other rooms join. */
  public boolean isRestricted(RoomId room) {
    String rule =
        event(room, StateKey.JOIN_RULES)
            .map(rules -> rules.content().path("join_rule").asText())
            .orElse("");
    return rule.equals("restricted") || rule.equals("knock_restricted");
  }

  private static Optional<RoomId> roomOf(String id) {
    try {
      return Optional.of(new RoomId(id));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }
}
