package org.headrace.ingest.federation;

import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.ingest.remote.ShownPdus;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;

/**
 * The answer to a join: the state before it and the auth chain of both, written event by event, so
 * that a large room takes no more memory than the ids of its state.
 */
@ApplicationScoped
public class JoinAnswer {
  /** Events that are read at once. */
  private static final int BATCH = 200;

  @Inject RoomsView rooms;
  @Inject StateView state;
  @Inject TimelineView timeline;
  @Inject ShownPdus shown;

  /**
   * {@code join} must be visible.
   *
   * @param before the room's servers before the join
   * @param inArray as {@code [200, answer]}, the form of version 1 of the endpoint
   */
  StreamingOutput of(EventRow join, SortedSet<ServerName> before, boolean inArray) {
    RoomId room = join.roomId();
    Set<EventId> stateIds = new LinkedHashSet<>();
    state.allBefore(room, join.eventId()).forEach(entry -> stateIds.add(entry.eventId()));
    return out -> {
      try (JsonGenerator json = Json.MAPPER.createGenerator(out)) {
        if (inArray) {
          json.writeStartArray();
          json.writeNumber(200);
        }
        json.writeStartObject();
        json.writePOJOField("event", shown.pdu(join));
        json.writeBooleanField("members_omitted", false);
        json.writeArrayFieldStart("servers_in_room");
        for (ServerName server : before) {
          json.writeString(server.value());
        }
        json.writeEndArray();
        Deque<EventId> named = new ArrayDeque<>(authEvents(join));
        json.writeArrayFieldStart("state");
        for (List<EventId> batch : batches(stateIds)) {
          for (EventRow row : timeline.events(room, batch)) {
            json.writePOJO(shown.pdu(row));
            named.addAll(authEvents(row));
          }
        }
        json.writeEndArray();
        json.writeArrayFieldStart("auth_chain");
        writeChain(json, room, named);
        json.writeEndArray();
        json.writeEndObject();
        if (inArray) {
          json.writeEndArray();
        }
      }
    };
  }

  /** Events of the chain that are in the state too are sent twice, as the specification has it. */
  private void writeChain(JsonGenerator json, RoomId room, Deque<EventId> named)
      throws IOException {
    Set<EventId> seen = new LinkedHashSet<>();
    while (!named.isEmpty()) {
      List<EventId> batch = new ArrayList<>(BATCH);
      while (!named.isEmpty() && batch.size() < BATCH) {
        EventId next = named.remove();
        if (seen.add(next)) {
          batch.add(next);
        }
      }
      for (EventRow row : timeline.events(room, batch)) {
        json.writePOJO(shown.pdu(row));
        authEvents(row).stream().filter(id -> !seen.contains(id)).forEach(named::add);
      }
    }
  }

  private static List<EventId> authEvents(EventRow row) {
    return new Pdu(row.eventId(), row.roomId(), row.pdu()).authEvents();
  }

  private static List<List<EventId>> batches(Set<EventId> ids) {
    List<EventId> all = new ArrayList<>(ids);
    List<List<EventId>> batches = new ArrayList<>();
    for (int i = 0; i < all.size(); i += BATCH) {
      batches.add(all.subList(i, Math.min(all.size(), i + BATCH)));
    }
    return batches;
  }
}
