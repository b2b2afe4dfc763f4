package org.headrace.api.federation;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.headrace.core.auth.ServerAcl;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;

/**
 * The rooms that a tenant is in, as seen by who asks it: of others it knows nothing, whoever else
 * of this deployment is there (design D9).
 */
@Singleton
class SharedRooms {
  private final RoomsView rooms;
  private final StateView state;
  private final TimelineView timeline;

  @Inject
  SharedRooms(RoomsView rooms, StateView state, TimelineView timeline) {
    this.rooms = rooms;
    this.state = state;
    this.timeline = timeline;
  }

  /** A room that the tenant is in. */
  record Shared(RoomsView.Room room, RoomVersion version, Peer peer) {
    RoomId id() {
      return room.roomId();
    }
  }

  /** The room, if the tenant is in it. */
  Optional<Shared> find(RoomId room, Peer peer) {
    return rooms
        .room(room)
        .filter(found -> rooms.isJoined(room, peer.tenant()))
        .flatMap(
            found ->
                RoomVersion.find(found.roomVersion())
                    .map(version -> new Shared(found, version, peer)));
  }

  /** Throws M_NOT_FOUND for a room that the tenant is not in, M_FORBIDDEN if its ACL says so. */
  Shared require(RoomId room, Peer peer) {
    Shared shared =
        find(room, peer).orElseThrow(() -> MatrixError.notFound("This server is not in the room"));
    if (!isAllowed(shared)) {
      throw MatrixError.forbidden("The room's server ACL denies " + peer.origin());
    }
    return shared;
  }

  /** As {@link #require}; throws M_FORBIDDEN too if no user of the asking server is in the room. */
  Shared requireMember(RoomId room, Peer peer) {
    Shared shared = require(room, peer);
    if (!isMember(room, peer.origin())) {
      throw MatrixError.forbidden("No user of " + peer.origin() + " is in the room");
    }
    return shared;
  }

  boolean isMember(RoomId room, ServerName server) {
    return rooms.isJoined(room, server);
  }

  /** Whether the room's server ACL lets the asking server act on the room. */
  boolean isAllowed(Shared shared) {
    return event(shared.room(), StateKey.SERVER_ACL)
        .map(event -> new ServerAcl(event.content()).allows(shared.peer().origin()))
        .orElse(true);
  }

  /** The event that is this entry of the room's current state. */
  Optional<Pdu> event(RoomsView.Room room, StateKey key) {
    return state
        .entry(room.roomId(), key, room.last())
        .flatMap(id -> timeline.event(room.roomId(), id))
        .map(row -> new Pdu(row.eventId(), row.roomId(), row.pdu()));
  }
}
