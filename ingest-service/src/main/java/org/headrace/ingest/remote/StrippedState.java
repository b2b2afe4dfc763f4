package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.remote.PduChecks.Result;

/**
 * What another server says of a room that one of our users is invited to or knocks on. Since v1.16
 * these are whole events of the room; servers that still send stripped ones are believed for rooms
 * of versions 1 to 11 (server-server API, PUT /invite).
 */
@ApplicationScoped
public class StrippedState {
  /** Entries that are taken. */
  static final int ENTRIES_MAX = 100;

  private static final int BYTES_MAX = Sizes.COMMAND_BYTES_MAX - 2 * Sizes.CONTENT_BYTES_MAX;

  @Inject PduChecks checks;

  /** The entries to keep for the user; throws M_INVALID_PARAM where the version demands more. */
  public List<ObjectNode> require(
      RoomId room, RoomVersion version, List<? extends JsonNode> entries) {
    if (!version.events().roomIdFromCreate()) {
      return lenient(entries);
    }
    List<ObjectNode> objects = lenient(entries);
    if (objects.size() != entries.size()) {
      throw MatrixError.invalidParam(
          "An entry of invite_room_state is no state event, or too much");
    }
    boolean hasCreate = false;
    for (Result result : checks.checkAll(objects, version, room)) {
      switch (result) {
        case Result.Valid(Pdu pdu) -> hasCreate |= pdu.is("m.room.create", "");
        case Result.Invalid invalid ->
            throw MatrixError.invalidParam("invite_room_state: " + invalid.problem());
      }
    }
    if (!hasCreate) {
      throw MatrixError.invalidParam("invite_room_state lacks the m.room.create event");
    }
    return objects;
  }

  /**
   * Of an answer to a knock: improperly signed or formatted entries are left out where the version
   * demands whole events.
   */
  public List<ObjectNode> validOf(
      RoomId room, RoomVersion version, List<? extends JsonNode> entries) {
    List<ObjectNode> objects = lenient(entries);
    if (!version.events().roomIdFromCreate()) {
      return objects;
    }
    return checks.validOf(objects, version, room).values().stream().map(Pdu::json).toList();
  }

  /** Those that look like state events, as far as the limits go. */
  private static List<ObjectNode> lenient(List<? extends JsonNode> entries) {
    List<ObjectNode> objects = new ArrayList<>();
    int bytes = 0;
    for (JsonNode entry : entries) {
      boolean stateEvent =
          entry.path("type").isTextual()
              && entry.path("state_key").isTextual()
              && entry.path("sender").isTextual()
              && entry.path("content").isObject();
      if (stateEvent && entry instanceof ObjectNode object && objects.size() < ENTRIES_MAX) {
        bytes += Json.bytes(object).length;
        if (bytes <= BYTES_MAX) {
          objects.add(object);
        }
      }
    }
    return objects;
  }
}
