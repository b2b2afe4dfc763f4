package org.headrace.ingest.remote;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.json.Json;
import org.headrace.federation.net.FederationException;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.RemoteEvents.Asked;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.ReceivedEvent;

/** Fetches auth events that a room lacks and gives them to it, without their history. */
@ApplicationScoped
public class Outliers {
  /** Auth events that are fetched for one purpose. */
  static final int EVENTS_MAX = 2_000;

  /** Beyond so many, the whole chain is asked for instead of each event. */
  private static final int SINGLES_MAX = 8;

  private static final int ROUNDS_MAX = 50;

  @Inject RemoteEvents events;
  @Inject KnownEvents known;
  @Inject Portions portions;
  @Inject Writes writes;

  /**
   * Fetches the auth events of these that neither the room nor they have, and those' own, and gives
   * them to the room. What cannot be had is left out: the room rejects what hangs on it. Returns
   * whether there were any.
   */
  public boolean bringAuthEvents(Asked asked, Collection<Pdu> of) throws FederationException {
    Map<EventId, Pdu> here = new LinkedHashMap<>();
    of.forEach(event -> here.put(event.id(), event));
    Map<EventId, Pdu> fetched = new LinkedHashMap<>();
    Set<EventId> unavailable = new TreeSet<>();
    Collection<Pdu> newest = of;
    for (int i = 0; i < ROUNDS_MAX && fetched.size() < EVENTS_MAX; i++) {
      Map<EventId, Pdu> found = new LinkedHashMap<>();
      Set<EventId> wanted = new TreeSet<>();
      Map<EventId, EventId> namedBy = new LinkedHashMap<>();
      for (Pdu event : newest) {
        for (EventId auth : event.authEvents()) {
          if (!here.containsKey(auth)
              && !fetched.containsKey(auth)
              && !unavailable.contains(auth)) {
            wanted.add(auth);
            namedBy.putIfAbsent(auth, event.id());
          }
        }
      }
      wanted = known.unknown(asked.room(), wanted);
      if (wanted.isEmpty()) {
        break;
      }
      if (wanted.size() > SINGLES_MAX) {
        EventId first = wanted.iterator().next();
        found.putAll(events.authChain(asked, namedBy.getOrDefault(first, first)));
      }
      int singles = 0;
      for (EventId id : wanted) {
        if (!found.containsKey(id) && singles++ < SINGLES_MAX) {
          try {
            found.put(id, events.event(asked, id));
          } catch (FederationException e) {
            if (e.isTransient()) {
              throw e;
            }
            unavailable.add(id);
          }
        }
      }
      found
          .keySet()
          .removeAll(
              known.rows(asked.room(), found.keySet()).stream().map(row -> row.eventId()).toList());
      found.keySet().removeAll(here.keySet());
      fetched.putAll(found);
      newest = new ArrayList<>(fetched.values());
      newest.addAll(of);
    }
    bring(asked, fetched);
    return !fetched.isEmpty();
  }

  /** Gives events to the room, auth events before those that name them. */
  void bring(Asked asked, Map<EventId, Pdu> fetched) {
    portions.give(
        Portions.of(
            EventOrder.of(fetched, Pdu::authEvents), event -> Json.bytes(event.json()).length),
        portion ->
            List.of(
                command(
                    asked,
                    portion.stream().map(event -> new ReceivedEvent(event.json(), true)).toList())),
        outcome -> {});
  }

  RoomCommand command(Asked asked, List<ReceivedEvent> events) {
    return new RoomCommand.ReceiveOutliers(
        writes.newId(), writes.now(), asked.room(), asked.link().destination(), events);
  }
}
