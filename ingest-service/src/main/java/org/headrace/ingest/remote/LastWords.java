package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.ingest.client.Writes;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.record.Verdict;

/**
 * What hosted users did last in a room that nobody of theirs is in any more: their leaving. A
 * server that has not met it, because it was away, would let a user in on top of a state in which
 * they never left; when it meets the leaving afterwards, that can undo the join. So it is told
 * before it is asked.
 */
@ApplicationScoped
public class LastWords {
  /** Events that are told, as many as a transaction holds. */
  static final int EVENTS_MAX = 50;

  @Inject FederationCalls calls;
  @Inject RoomsView rooms;
  @Inject TimelineView timeline;
  @Inject ShownPdus shown;
  @Inject RoomPresence presence;
  @Inject Writes writes;

  /**
   * Tells the other server, which knows most of it as a rule.
   *
   * @return what was there before: a state after these events alone is of a server that has not
   *     taken in what it was told
   */
  Set<EventId> tell(Link link, RoomId room) throws FederationException {
    List<EventRow> words = words(room);
    Set<EventId> before = new TreeSet<>();
    if (words.isEmpty()) {
      return before;
    }
    ObjectNode transaction =
        Json.object().put("origin", link.tenant().value()).put("origin_server_ts", writes.now());
    ArrayNode pdus = transaction.putArray("pdus");
    for (EventRow word : words.reversed()) {
      pdus.add(shown.pdu(word));
      before.addAll(prevEvents(word));
    }
    try {
      calls.transactions().send(link, writes.newId(), transaction);
    } catch (FederationException e) {
      if (e.refusal().isEmpty()) {
        throw e;
      }
      // It speaks, so it may let the user in all the same; there is nothing to wait for.
      return Set.of();
    }
    return before;
  }

  /** Newest first: the extremities and what leads to them, as far as it was made here. */
  private List<EventRow> words(RoomId room) {
    List<EventRow> words = new ArrayList<>();
    Set<EventId> met = new TreeSet<>();
    Deque<EventId> open = new ArrayDeque<>();
    rooms.room(room).ifPresent(held -> open.addAll(held.extremities()));
    while (!open.isEmpty() && words.size() < EVENTS_MAX) {
      EventId next = open.removeFirst();
      if (met.add(next)) {
        timeline
            .event(room, next)
            .filter(row -> row.verdict() == Verdict.ACCEPTED && !row.outlier() && isOurs(row))
            .ifPresent(
                row -> {
                  words.add(row);
                  open.addAll(prevEvents(row));
                });
      }
    }
    return words;
  }

  private boolean isOurs(EventRow row) {
    return presence.isHosted(pdu(row).sender().server());
  }

  private static List<EventId> prevEvents(EventRow row) {
    return pdu(row).prevEvents();
  }

  private static Pdu pdu(EventRow row) {
    return new Pdu(row.eventId(), row.roomId(), row.pdu());
  }
}
