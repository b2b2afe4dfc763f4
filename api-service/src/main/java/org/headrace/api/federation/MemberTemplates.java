package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.headrace.api.federation.SharedRooms.Shared;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.AuthTypes;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.MatrixError;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.TimelineView;

/**
 * Member events that another server may complete and sign (server-server API, "Joining Rooms"), in
 * the place where the views see the end of the room. The room decides again when the event comes.
 */
@Singleton
class MemberTemplates {
  private static final String MEMBER = "m.room.member";

  private final SharedRooms rooms;
  private final TimelineView timeline;
  private final Clock clock;

  @Inject
  MemberTemplates(SharedRooms rooms, TimelineView timeline, Clock clock) {
    this.rooms = rooms;
    this.timeline = timeline;
    this.clock = clock;
  }

  /** {@code {room_version, event}}; throws M_FORBIDDEN if the auth rules refuse the event. */
  ObjectNode template(Shared shared, UserId user, ObjectNode content) {
    StateLookup state = state(shared);
    ObjectNode event = event(shared, user, content, state);
    Pdu pdu = new Pdu(new EventId("$template"), shared.id(), event);
    AuthResult result =
        AuthRules.checkAgainst(shared.version(), pdu, AuthEvidence.ofState(state), state);
    if (result instanceof AuthResult.Denied denied) {
      throw MatrixError.forbidden(denied.reason());
    }
    ObjectNode json = Json.object().put("room_version", shared.version().id());
    json.set("event", event);
    return json;
  }

  StateLookup state(Shared shared) {
    return key -> rooms.event(shared.room(), key);
  }

  private ObjectNode event(Shared shared, UserId user, ObjectNode content, StateLookup state) {
    RoomVersion version = shared.version();
    List<EventRow> previous =
        timeline.events(shared.id(), shared.room().extremities()).stream()
            .sorted(Comparator.comparingLong(MemberTemplates::depth).reversed())
            .limit(EventFormat.PREV_EVENTS_MAX)
            .toList();
    long depth = previous.isEmpty() ? 0 : depth(previous.getFirst());
    ObjectNode event = Json.object().put("type", MEMBER);
    event.put("room_id", shared.id().value());
    event.put("sender", user.value()).put("state_key", user.value());
    event.set("content", content);
    event.put("depth", Math.min(depth + 1, CanonicalJson.INTEGER_MAX));
    event.put("origin", shared.peer().tenant().value());
    event.put("origin_server_ts", clock.millis());
    ArrayNode prevEvents = event.putArray("prev_events");
    previous.forEach(row -> refer(prevEvents, row.eventId(), row.pdu(), version));
    ArrayNode authEvents = event.putArray("auth_events");
    for (StateKey key :
        AuthTypes.forEvent(version, MEMBER, Optional.of(user.value()), user, content)) {
      state.get(key).ifPresent(found -> refer(authEvents, found.id(), found.json(), version));
    }
    return event;
  }

  private static long depth(EventRow row) {
    return row.pdu().path("depth").asLong();
  }

  /** Room versions 1 and 2 name an event with its hash. */
  private static void refer(ArrayNode to, EventId id, ObjectNode pdu, RoomVersion version) {
    if (!version.events().idGiven()) {
      to.add(id.value());
      return;
    }
    String hash = UnpaddedBase64.encode(EventHashes.referenceHash(pdu, version));
    to.addArray().add(id.value()).addObject().put("sha256", hash);
  }
}
