package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.event.EventHashes;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.ingest.client.RandomIds;
import org.headrace.ingest.client.RandomSource;

/** The first event of a room, minted by ingest: its hash is the room's id from version 12 on. */
final class CreateEvent {
  /**
   * Entropy in the create event: two equal requests in one millisecond are two rooms. Redaction
   * keeps the content of create events from version 11 on.
   */
  static final String ENTROPY = "org.headrace.entropy";

  private static final int ENTROPY_BYTES = 16;
  private static final int ROOM_ID_CHARS = 18;

  private CreateEvent() {}

  /**
   * The complete event. {@code asked} is the content without what the version says: room_version
   * and creator are set here.
   */
  static ObjectNode mint(
      RoomVersion version, UserId creator, ObjectNode asked, long ts, RandomSource random) {
    boolean roomIdFromCreate = version.events().roomIdFromCreate();
    ObjectNode event = Json.object();
    event.put("type", "m.room.create");
    event.put("state_key", "");
    event.put("sender", creator.value());
    event.put("origin_server_ts", ts);
    event.put("depth", 1);
    event.putArray("prev_events");
    event.putArray("auth_events");
    ObjectNode content = asked.deepCopy();
    content.remove("creator");
    content.put("room_version", version.id());
    if (version.auth().creatorInContent()) {
      content.put("creator", creator.value());
    }
    if (roomIdFromCreate) {
      content.put(ENTROPY, UnpaddedBase64.encodeUrlSafe(random.bytes(ENTROPY_BYTES)));
    }
    event.set("content", content);
    if (!roomIdFromCreate) {
      event.put("room_id", "!" + RandomIds.letters(random, ROOM_ID_CHARS) + ":" + creator.server());
    }
    if (version.events().idGiven()) {
      event.put(
          "event_id", "$" + RandomIds.letters(random, ROOM_ID_CHARS) + ":" + creator.server());
    }
    return EventHashes.withContentHash(event, version);
  }
}
