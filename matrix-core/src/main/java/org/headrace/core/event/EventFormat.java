package org.headrace.core.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.roomversion.RoomVersion;
import org.jspecify.annotations.Nullable;

/**
 * The first check on an event, local or received: is it a valid event of its room version? One that
 * is not is dropped (server-server API, "Checks performed on receipt of a PDU", step 1;
 * client-server API, "Size limits").
 */
public final class EventFormat {
  /** Largest event in canonical JSON with its signatures, in bytes. */
  public static final int EVENT_BYTES_MAX = 65_536;

  /** Longest type and state key, in bytes of UTF-8. */
  public static final int FIELD_BYTES_MAX = 255;

  public static final int PREV_EVENTS_MAX = 20;
  public static final int AUTH_EVENTS_MAX = 10;

  /** What a signature adds besides its server's name: quotes, key id and 86 characters. */
  private static final int SIGNATURE_RESERVE_BYTES = 140;

  private EventFormat() {}

  /**
   * What is wrong with the event, or nothing. An event that its sender's server has still to sign
   * must leave room for that signature.
   */
  public static Optional<String> check(ObjectNode pdu, RoomVersion version) {
    String problem = problemOf(pdu, version);
    return Optional.ofNullable(problem != null ? problem : sizeProblem(pdu, version));
  }

  private static @Nullable String problemOf(ObjectNode pdu, RoomVersion version) {
    if (!isShortText(pdu.get("type"))) {
      return "type must be a string of 255 bytes at most";
    }
    if (pdu.has("state_key") && !isShortText(pdu.get("state_key"))) {
      return "state_key must be a string of 255 bytes at most";
    }
    if (!isId(pdu.get("sender"), UserId::new)) {
      return "sender must be a user id";
    }
    boolean definesRoom =
        version.events().roomIdFromCreate()
            && pdu.path("type").asText().equals("m.room.create")
            && !pdu.has("room_id");
    if (!definesRoom && !isId(pdu.get("room_id"), RoomId::new)) {
      return "room_id must be a room id";
    }
    if (version.events().idGiven() && !isId(pdu.get("event_id"), EventFormat::requireServer)) {
      return "event_id must be an event id with a server name";
    }
    if (!(pdu.get("content") instanceof ObjectNode)) {
      return "content must be an object";
    }
    if (!isCount(pdu.get("depth"), version)) {
      return "depth must be an integer from 0 to the largest allowed";
    }
    if (!pdu.path("origin_server_ts").isIntegralNumber()
        || !pdu.path("origin_server_ts").canConvertToLong()) {
      return "origin_server_ts must be an integer";
    }
    return objectsAndReferencesProblem(pdu, version);
  }

  private static @Nullable String objectsAndReferencesProblem(ObjectNode pdu, RoomVersion version) {
    if (!pdu.path("hashes").path("sha256").isTextual()) {
      return "hashes must be an object with a sha256";
    }
    if (pdu.has("unsigned") && !pdu.path("unsigned").isObject()) {
      return "unsigned must be an object";
    }
    if (pdu.has("signatures") && !areSignatures(pdu.path("signatures"))) {
      return "signatures must be an object of objects of strings";
    }
    if (!version.events().redactsInContent()
        && pdu.path("type").asText().equals("m.room.redaction")
        && pdu.has("redacts")
        && !isId(pdu.get("redacts"), EventId::new)) {
      return "redacts must be an event id";
    }
    if (!areReferences(pdu.get("prev_events"), PREV_EVENTS_MAX, version)) {
      return "prev_events must be a list of 20 events at most";
    }
    if (!areReferences(pdu.get("auth_events"), AUTH_EVENTS_MAX, version)) {
      return "auth_events must be a list of 10 events at most";
    }
    return null;
  }

  private static @Nullable String sizeProblem(ObjectNode pdu, RoomVersion version) {
    int bytes;
    try {
      if (version.events().strictCanonicalJson()) {
        CanonicalJson.requireCanonical(pdu);
      }
      bytes = EventHashes.encode(pdu, version).length;
    } catch (InvalidJsonException e) {
      return e.getMessage();
    }
    String server = new UserId(pdu.path("sender").asText()).server().value();
    if (!pdu.path("signatures").has(server)) {
      bytes += server.length() + SIGNATURE_RESERVE_BYTES;
    }
    return bytes > EVENT_BYTES_MAX ? "an event may have 65536 bytes at most" : null;
  }

  private static boolean isShortText(@Nullable JsonNode node) {
    return node != null
        && node.isTextual()
        && node.textValue().length() <= FIELD_BYTES_MAX
        && node.textValue().getBytes(StandardCharsets.UTF_8).length <= FIELD_BYTES_MAX;
  }

  private static boolean isId(@Nullable JsonNode node, IdParser parser) {
    if (node == null || !node.isTextual()) {
      return false;
    }
    try {
      parser.parse(node.textValue());
      return true;
    } catch (InvalidIdException e) {
      return false;
    }
  }

  private static boolean isCount(@Nullable JsonNode node, RoomVersion version) {
    if (node == null || !node.isIntegralNumber() || !node.canConvertToLong()) {
      return false;
    }
    long max = version.events().strictCanonicalJson() ? CanonicalJson.INTEGER_MAX : Long.MAX_VALUE;
    return node.longValue() >= 0 && node.longValue() <= max;
  }

  private static boolean areSignatures(JsonNode signatures) {
    if (!signatures.isObject()) {
      return false;
    }
    for (JsonNode ofServer : signatures) {
      if (!ofServer.isObject()) {
        return false;
      }
      for (JsonNode signature : ofServer) {
        if (!signature.isTextual()) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean areReferences(@Nullable JsonNode array, int max, RoomVersion version) {
    if (array == null || !array.isArray() || array.size() > max) {
      return false;
    }
    for (JsonNode entry : array) {
      boolean ok =
          version.events().idGiven()
              ? entry.isArray()
                  && entry.size() == 2
                  && isId(entry.get(0), EventId::new)
                  && entry.get(1).isObject()
              : isId(entry, EventId::new);
      if (!ok) {
        return false;
      }
    }
    return true;
  }

  /** Room versions 1 and 2: {@code $opaque_id:domain}, and that server must have signed. */
  private static EventId requireServer(String value) {
    EventId id = new EventId(value);
    if (id.server().isEmpty()) {
      throw new InvalidIdException("an event id must have a server name here");
    }
    return id;
  }

  private interface IdParser {
    Object parse(String value);
  }
}
