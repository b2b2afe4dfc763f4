package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.headrace.core.auth.AuthTypes;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** Makes a draft the room's next event: what it follows, what authorises it, and its hashes. */
final class EventBuilder {
  private static final Comparator<Head.Tip> DEEPEST_FIRST =
      Comparator.comparingLong(Head.Tip::depth).reversed().thenComparing(Head.Tip::event);

  private EventBuilder() {}

  /**
   * @param redacts the target of a redaction, or null
   * @param at the position of its record, from which versions 1 and 2 take an event id
   */
  static ObjectNode build(
      RoomId room,
      Head head,
      Draft draft,
      @Nullable EventId redacts,
      long ts,
      Position at,
      StateLookup state) {
    RoomVersion version = head.roomVersion();
    List<Head.Tip> tips =
        head.tips().stream().sorted(DEEPEST_FIRST).limit(EventFormat.PREV_EVENTS_MAX).toList();
    ObjectNode pdu = Json.object();
    pdu.put("type", draft.type());
    pdu.put("room_id", room.value());
    pdu.put("sender", draft.sender().value());
    if (draft.stateKey() != null) {
      pdu.put("state_key", draft.stateKey());
    }
    ObjectNode content = draft.content();
    if (redacts != null && version.events().redactsInContent()) {
      content = content.deepCopy().put("redacts", redacts.value());
    } else if (redacts != null) {
      pdu.put("redacts", redacts.value());
    }
    pdu.set("content", content);
    long deepest = tips.isEmpty() ? 0 : tips.getFirst().depth();
    pdu.put("depth", Math.min(deepest + 1, CanonicalJson.INTEGER_MAX));
    pdu.put("origin_server_ts", ts);
    if (version.events().idGiven()) {
      pdu.put("event_id", givenId(room, draft, at));
    }
    ArrayNode prevEvents = pdu.putArray("prev_events");
    for (Head.Tip tip : tips) {
      // Versions 1 and 2 pair ids with hashes, which no rule reads.
      reference(prevEvents, tip.event(), version);
    }
    ArrayNode authEvents = pdu.putArray("auth_events");
    for (StateKey key :
        AuthTypes.forEvent(
            version,
            draft.type(),
            Optional.ofNullable(draft.stateKey()),
            draft.sender(),
            content)) {
      Optional<Pdu> event = state.get(key);
      if (event.isPresent()) {
        reference(authEvents, event.get().id(), version);
      }
    }
    return EventHashes.withContentHash(pdu, version);
  }

  private static void reference(ArrayNode references, EventId event, RoomVersion version) {
    if (version.events().idGiven()) {
      references.addArray().add(event.value()).addObject();
    } else {
      references.add(event.value());
    }
  }

  private static String givenId(RoomId room, Draft draft, Position at) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((room + "|" + at.packed()).getBytes(StandardCharsets.UTF_8));
      return "$" + UnpaddedBase64.encodeUrlSafe(hash) + ":" + draft.sender().server();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
