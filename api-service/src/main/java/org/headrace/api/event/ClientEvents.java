package org.headrace.api.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.record.RoomRecord;

/** Events in the format of the client-server API ("Room event format"), for one reader. */
@Singleton
public class ClientEvents {
  private static final List<String> STRIPPED =
      List.of("type", "state_key", "sender", "content", "origin_server_ts");

  private final TimelineView timeline;
  private final StateValues values;
  private final Clock clock;

  @Inject
  public ClientEvents(TimelineView timeline, StateValues values, Clock clock) {
    this.timeline = timeline;
    this.values = values;
    this.clock = clock;
  }

  /** The event with its {@code room_id}. */
  public ObjectNode withRoom(EventRow row, AccountsView.Session reader) {
    ObjectNode event = withoutRoom(row, reader);
    event.put("room_id", row.roomId().value());
    return event;
  }

  /** The event as it stands in answers that name its room elsewhere. */
  public ObjectNode withoutRoom(EventRow row, AccountsView.Session reader) {
    ObjectNode event = base(row);
    ObjectNode unsigned = event.putObject("unsigned");
    unsigned.put("age", clock.millis() - row.pdu().path("origin_server_ts").asLong());
    RoomRecord.SentBy sentBy = row.sentBy();
    if (sentBy != null
        && sentBy.user().equals(reader.user())
        && sentBy.device().equals(reader.device())) {
      unsigned.put("transaction_id", sentBy.txnId());
    }
    values
        .membership(row, reader.user())
        .or(() -> Optional.of("leave"))
        .ifPresent(membership -> unsigned.put("membership", membership));
    if (row.pdu().has("state_key")) {
      putPrevious(row, reader, unsigned);
    }
    EventId redactedBy = row.redactedBy();
    if (redactedBy != null) {
      timeline
          .event(row.roomId(), redactedBy)
          .ifPresent(redaction -> unsigned.set("redacted_because", redactedBecause(redaction)));
    }
    return event;
  }

  /** Stripped state (client-server API, "Stripped state"). */
  public ObjectNode stripped(EventRow row) {
    return stripped(row.pdu());
  }

  /** The same of an event, or of stripped state, that another server told. */
  public ObjectNode stripped(ObjectNode told) {
    ObjectNode event = Json.object();
    for (String key : STRIPPED) {
      JsonNode value = told.get(key);
      if (value != null) {
        event.set(key, value);
      }
    }
    return event;
  }

  private ObjectNode redactedBecause(EventRow redaction) {
    ObjectNode event = base(redaction);
    event.put("room_id", redaction.roomId().value());
    event
        .putObject("unsigned")
        .put("age", clock.millis() - redaction.pdu().path("origin_server_ts").asLong());
    return event;
  }

  private static ObjectNode base(EventRow row) {
    ObjectNode pdu = row.pdu();
    ObjectNode event = Json.object();
    event.put("type", pdu.path("type").asText());
    event.put("event_id", row.eventId().value());
    event.put("sender", pdu.path("sender").asText());
    event.set("origin_server_ts", pdu.path("origin_server_ts"));
    if (pdu.has("state_key")) {
      event.put("state_key", pdu.path("state_key").asText());
    }
    event.set("content", pdu.path("content").isObject() ? pdu.path("content") : Json.object());
    if (pdu.path("type").asText().equals("m.room.redaction")) {
      putRedacts(event, pdu);
    }
    return event;
  }

  /**
   * Old and new clients look in different places (room version 11, "Moving the redacts property").
   */
  private static void putRedacts(ObjectNode event, ObjectNode pdu) {
    JsonNode redacts =
        pdu.path("redacts").isTextual() ? pdu.path("redacts") : pdu.path("content").path("redacts");
    if (!redacts.isTextual()) {
      return;
    }
    event.set("redacts", redacts);
    if (!event.path("content").has("redacts")) {
      ObjectNode content = event.path("content").deepCopy();
      content.set("redacts", redacts);
      event.set("content", content);
    }
  }

  /**
   * NOTSPEC: {@code prev_sender} is not specified; older clients and the conformance suite read it.
   */
  private static void putPrevious(JsonNode previous, ObjectNode unsigned) {
    unsigned.set("prev_content", previous.path("content"));
    unsigned.set("prev_sender", previous.path("sender"));
  }

  private void putPrevious(EventRow row, AccountsView.Session reader, ObjectNode unsigned) {
    RoomId room = row.roomId();
    StateKey key =
        new StateKey(row.pdu().path("type").asText(), row.pdu().path("state_key").asText());
    Optional<EventId> replaced = values.before(row, key);
    if (replaced.isEmpty() || replaced.get().equals(row.eventId())) {
      return;
    }
    unsigned.put("replaces_state", replaced.get().value());
    // Only to whom the event before was visible for certain: one who was joined then, or its
    // target.
    boolean visible =
        values
                .before(row, StateKey.member(reader.user().value()))
                .flatMap(member -> values.membershipOf(room, member))
                .filter("join"::equals)
                .isPresent()
            || key.equals(StateKey.member(reader.user().value()));
    if (visible) {
      timeline
          .event(room, replaced.get())
          .ifPresent(previous -> putPrevious(previous.pdu(), unsigned));
    }
  }
}
