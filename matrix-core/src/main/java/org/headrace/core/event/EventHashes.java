package org.headrace.core.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;

/** Content and reference hashes of events, and the ids that follow from them. */
public final class EventHashes {
  private EventHashes() {}

  /**
   * SHA-256 over the whole event without {@code unsigned}, {@code signatures} and {@code hashes}
   * (server-server API, "Calculating the content hash for an event").
   */
  public static byte[] contentHash(ObjectNode pdu, RoomVersion version) {
    ObjectNode covered = Json.object();
    covered.setAll(pdu);
    covered.remove("unsigned");
    covered.remove("signatures");
    covered.remove("hashes");
    return sha256(encode(covered, version));
  }

  /** A copy of the event with its content hash under {@code hashes.sha256}. */
  public static ObjectNode withContentHash(ObjectNode pdu, RoomVersion version) {
    ObjectNode hashed = Json.object();
    hashed.setAll(pdu);
    hashed.putObject("hashes").put("sha256", UnpaddedBase64.encode(contentHash(pdu, version)));
    return hashed;
  }

  /** Whether {@code hashes.sha256} is the event's content hash; if not it is used redacted. */
  public static boolean contentHashMatches(ObjectNode pdu, RoomVersion version) {
    JsonNode claimed = pdu.path("hashes").path("sha256");
    try {
      return claimed.isTextual()
          && MessageDigest.isEqual(
              UnpaddedBase64.decode(claimed.textValue()), contentHash(pdu, version));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * SHA-256 over the redacted event without {@code signatures} and {@code unsigned} (server-server
   * API, "Calculating the reference hash for an event").
   */
  public static byte[] referenceHash(ObjectNode pdu, RoomVersion version) {
    ObjectNode redacted = Redaction.redact(pdu, version);
    redacted.remove("signatures");
    redacted.remove("unsigned");
    return sha256(encode(redacted, version));
  }

  /** The event's id: given in versions 1 and 2, its reference hash from 3 on. */
  public static EventId eventId(ObjectNode pdu, RoomVersion version) {
    return switch (version.events().eventIds()) {
      case GIVEN -> new EventId(pdu.path("event_id").asText());
      case BASE64_HASH -> new EventId("$" + UnpaddedBase64.encode(referenceHash(pdu, version)));
      case URL_SAFE_HASH ->
          new EventId("$" + UnpaddedBase64.encodeUrlSafe(referenceHash(pdu, version)));
    };
  }

  /** The room id that a create event defines: its own id with {@code !} from version 12 on. */
  public static RoomId roomIdOfCreate(ObjectNode createPdu, RoomVersion version) {
    return version.events().roomIdFromCreate()
        ? new RoomId("!" + eventId(createPdu, version).value().substring(1))
        : new RoomId(createPdu.path("room_id").asText());
  }

  /** The event with its id and room, computed; its format must have been checked. */
  public static Pdu pdu(ObjectNode json, RoomVersion version) {
    EventId id = eventId(json, version);
    boolean definesRoom =
        version.events().roomIdFromCreate()
            && !json.has("room_id")
            && json.path("type").asText().equals("m.room.create");
    RoomId room =
        definesRoom
            ? new RoomId("!" + id.value().substring(1))
            : new RoomId(json.path("room_id").asText());
    return new Pdu(id, room, json);
  }

  /** Canonical JSON as this room version hashes and signs it. */
  public static byte[] encode(JsonNode node, RoomVersion version) {
    return version.events().strictCanonicalJson()
        ? CanonicalJson.encode(node)
        : CanonicalJson.encodeLenient(node);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
