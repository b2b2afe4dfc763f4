package org.headrace.ingest.effects;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.ingest.client.Refusals;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.EventOrder;
import org.headrace.ingest.remote.KnownEvents;
import org.headrace.ingest.remote.Outliers;
import org.headrace.ingest.remote.RemoteEvents;
import org.headrace.ingest.remote.RemoteEvents.Asked;
import org.headrace.ingest.remote.RoomPresence;
import org.headrace.ingest.remote.StatesBefore;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.ReceivedEvent;
import org.headrace.schema.command.RoomCommand.StateBefore;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.effect.RoomEffect.FetchHistory;
import org.jspecify.annotations.Nullable;

/** Fetches history below a gap's frontier (backfill), for who reads to it. */
@ApplicationScoped
public class RoomHistory {
  /** Events of one page, the frontier included. */
  static final int EVENTS_MAX = 100;

  /** Servers that are asked. */
  static final int SERVERS_MAX = 5;

  @Inject RemoteEvents events;
  @Inject KnownEvents known;
  @Inject Outliers outliers;
  @Inject StatesBefore states;
  @Inject RoomPresence presence;
  @Inject RoomsView rooms;
  @Inject Writes writes;

  void fetch(FetchHistory effect) throws InterruptedException {
    RoomId room = effect.roomId();
    Optional<RoomVersion> version =
        rooms.room(room).flatMap(row -> RoomVersion.find(row.roomVersion()));
    if (version.isEmpty()) {
      giveUp(effect, "the room is not held");
      return;
    }
    String refusal = "no other server is in the room";
    for (ServerName server : presence.others(room).stream().limit(SERVERS_MAX).toList()) {
      Asked asked = new Asked(new Link(effect.asTenant(), server), room, version.get());
      try {
        List<Pdu> page = page(asked, effect);
        if (!page.isEmpty()) {
          bring(asked, effect, page);
          return;
        }
        refusal = server + " has none";
      } catch (FederationException e) {
        refusal = e.isTransient() ? Refusals.silent(server) : server + ": " + e.getMessage();
      }
    }
    giveUp(effect, refusal);
  }

  /** Says that none could be had; the reader ends there. */
  void giveUp(FetchHistory effect, String refusal) {
    publish(
        new RoomCommand.Backfill(
            effect.id(),
            writes.now(),
            effect.roomId(),
            effect.gapId(),
            effect.asTenant(),
            List.of(),
            null,
            refusal));
  }

  /** New events, oldest first, as many as go into one command. */
  private List<Pdu> page(Asked asked, FetchHistory effect) throws FederationException {
    int limit = Math.clamp(effect.limit() + (long) effect.frontier().size(), 1, EVENTS_MAX);
    Map<EventId, Pdu> found = new LinkedHashMap<>(events.backfill(asked, effect.frontier(), limit));
    found.keySet().removeAll(effect.frontier());
    found.keySet().retainAll(known.unplaced(asked.room(), found.keySet()));
    List<Pdu> oldestFirst = EventOrder.of(found, Pdu::prevEvents);
    int from = oldestFirst.size();
    int bytes = 0;
    while (from > 0 && oldestFirst.size() - from < RoomLimits.CHUNK_EVENTS_MAX) {
      bytes += Json.bytes(oldestFirst.get(from - 1).json()).length;
      if (bytes > RoomLimits.CHUNK_BYTES_MAX && from < oldestFirst.size()) {
        break;
      }
      from--;
    }
    return oldestFirst.subList(from, oldestFirst.size());
  }

  private void bring(Asked asked, FetchHistory effect, List<Pdu> page) throws FederationException {
    boolean unused = outliers.bringAuthEvents(asked, page);
    StateBefore before = before(asked, effect, page);
    List<ReceivedEvent> received = new ArrayList<>(page.size());
    page.forEach(event -> received.add(new ReceivedEvent(event.json(), true)));
    publish(
        new RoomCommand.Backfill(
            effect.id(),
            writes.now(),
            effect.roomId(),
            effect.gapId(),
            asked.link().destination(),
            received,
            before,
            null));
  }

  /** The state before the oldest; null where the room begins with it, or has what precedes it. */
  private @Nullable StateBefore before(Asked asked, FetchHistory effect, List<Pdu> page)
      throws FederationException {
    Pdu oldest = page.getFirst();
    Set<EventId> prev = new TreeSet<>(oldest.prevEvents());
    if (prev.isEmpty() || known.unplaced(asked.room(), prev).isEmpty()) {
      return null;
    }
    return states.fetch(asked, oldest.id(), effect.frontier().getFirst());
  }

  private void publish(RoomCommand command) {
    writes.log().publish(List.of(command));
  }
}
