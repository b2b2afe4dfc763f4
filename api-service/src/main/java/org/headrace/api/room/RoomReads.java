package org.headrace.api.room;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.headrace.api.event.RoomAccess;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.MatrixError;

/** What all reads of rooms begin and end with. */
@Singleton
class RoomReads {
  private final RoomAccess access;

  @Inject
  RoomReads(RoomAccess access) {
    this.access = access;
  }

  /** The caller's access to a room; throws M_FORBIDDEN for one that is unknown or not theirs. */
  RoomAccess.Access require(Caller caller, RoomId room) {
    return access
        .of(room, caller.user())
        .orElseThrow(() -> MatrixError.forbidden("You are not in this room"));
  }

  /** As {@link #require}, for reads that need a membership, now or before. */
  RoomAccess.Access requireMember(Caller caller, RoomId room) {
    RoomAccess.Access found = require(caller, room);
    if (!found.wasJoined()) {
      throw MatrixError.forbidden("You are not in this room");
    }
    return found;
  }

  static Response json(JsonNode json) {
    return Response.ok(Json.bytes(json), MediaType.APPLICATION_JSON).build();
  }
}
