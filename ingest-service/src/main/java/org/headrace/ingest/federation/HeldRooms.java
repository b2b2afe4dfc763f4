package org.headrace.ingest.federation;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.ingest.remote.RunningJoins;
import org.headrace.ingest.room.CurrentState;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.tenant.Tenants;

/** The rooms that a tenant is in: of others it knows nothing (design D9). */
@ApplicationScoped
public class HeldRooms {
  @Inject RoomsView rooms;
  @Inject CurrentState current;
  @Inject RunningJoins joins;
  @Inject Tenants tenants;

  /** A room that the tenant is in. */
  record Held(RoomId id, RoomVersion version) {}

  /** The room, if the tenant is in it or about to be. */
  Optional<Held> find(RoomId room, ServerName tenant) {
    Optional<RoomVersion> joining = joins.version(room, tenant);
    if (joining.isPresent()) {
      return Optional.of(new Held(room, joining.get()));
    }
    return rooms
        .room(room)
        .filter(row -> rooms.isJoined(room, tenant))
        .flatMap(row -> RoomVersion.find(row.roomVersion()))
        .map(version -> new Held(room, version));
  }

  /** Throws M_NOT_FOUND for a room that the tenant is not in, M_FORBIDDEN if the ACL says so. */
  Held require(RoomId room, Peer peer) {
    Held held =
        rooms
            .room(room)
            .filter(row -> rooms.isJoined(room, peer.tenant()))
            .flatMap(row -> RoomVersion.find(row.roomVersion()))
            .map(version -> new Held(room, version))
            .orElseThrow(() -> MatrixError.notFound("This server is not in the room"));
    if (!isAllowed(room, peer.origin())) {
      throw MatrixError.forbidden("This room's server ACL denies " + peer.origin());
    }
    return held;
  }

  /** Whether the room's server ACL lets this server act on the room. */
  boolean isAllowed(RoomId room, ServerName server) {
    return current.isServerAllowed(room, server);
  }

  /** Whether the tenant is in the room. */
  boolean isIn(RoomId room, ServerName tenant) {
    return rooms.isJoined(room, tenant);
  }

  /**
   * Whether any tenant is in the room, so that the room decides its events; that is for the log
   * alone, and no answer as another tenant may tell it.
   */
  boolean isHeld(RoomId room) {
    return rooms.servers(room).stream().anyMatch(tenants::isHosted);
  }
}
