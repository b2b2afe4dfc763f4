package org.headrace.ingest.effects;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.ingest.client.ViewWait;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.EventOrder;
import org.headrace.ingest.remote.KnownEvents;
import org.headrace.ingest.remote.Outliers;
import org.headrace.ingest.remote.Portions;
import org.headrace.ingest.remote.RemoteEvents;
import org.headrace.ingest.remote.RemoteEvents.Asked;
import org.headrace.ingest.remote.RoomPresence;
import org.headrace.ingest.remote.StatesBefore;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.StateBefore;
import org.headrace.schema.effect.RoomEffect.FetchEvents;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Fetches what an event waits for: its predecessors up to those that the room has, as far as limits
 * go, then the auth events that they need, then the state before the earliest of them whose own
 * predecessors are not fetched. The event's origin is asked first, then other servers of the room.
 */
@ApplicationScoped
public class MissingEvents {
  /** Rounds of get_missing_events for one waiting event. */
  static final int ROUNDS_MAX = 10;

  /** Events that one round asks for; servers answer with fewer as they like. */
  static final int ROUND_EVENTS_MAX = 50;

  /** An answer of fewer has come to its end: they are the specification's default limit. */
  static final int ROUND_EVENTS_FULL = 10;

  /** Events that are asked for one by one, where they are named and did not come. */
  static final int SINGLES_MAX = 20;

  /** Predecessors that are fetched for one waiting event. */
  static final int EVENTS_MAX = 300;

  /** Events of them whose state is asked for. */
  static final int STATES_MAX = 5;

  /** Servers that are asked. */
  static final int SERVERS_MAX = 5;

  /** How often all of them are asked. */
  static final int ATTEMPTS_MAX = 3;

  private static final Duration VISIBLE_WAIT = Duration.ofSeconds(2);
  private static final Logger LOG = Logger.getLogger(MissingEvents.class);

  @Inject RemoteEvents events;
  @Inject KnownEvents known;
  @Inject Outliers outliers;
  @Inject StatesBefore states;
  @Inject RoomPresence presence;
  @Inject RoomsView rooms;
  @Inject Pauses pauses;
  @Inject Portions portions;
  @Inject Writes writes;

  void fetch(FetchEvents effect) throws InterruptedException {
    RoomId room = effect.roomId();
    List<String> failures = new ArrayList<>();
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      pauses.before(attempt);
      boolean mayHelp = false;
      for (ServerName server : servers(effect)) {
        List<ServerName> speakers = presence.speakers(room);
        Optional<RoomVersion> version = version(room);
        if (speakers.isEmpty() || version.isEmpty() || known.isPlaced(room, effect.eventId())) {
          return;
        }
        Optional<ServerName> tenant = presence.speaker(speakers, server);
        if (tenant.isEmpty()) {
          failures.add(server + ": no tenant in the room federates with it");
          continue;
        }
        Asked asked = new Asked(new Link(tenant.get(), server), room, version.get());
        try {
          // Where nothing was given to the room, there is nothing to wait for.
          boolean given = fetchFrom(asked, effect);
          if (given && ViewWait.until(() -> known.isPlaced(room, effect.eventId()), VISIBLE_WAIT)) {
            return;
          }
          failures.add(server + ": not all that is missing");
        } catch (FederationException e) {
          mayHelp |= e.isTransient();
          failures.add(server + ": " + e.getMessage());
        }
      }
      if (!mayHelp) {
        break;
      }
    }
    LOG.warnf(
        "%s of %s still waits for %s: %s", effect.eventId(), room, effect.missing(), failures);
  }

  private List<ServerName> servers(FetchEvents effect) {
    Set<ServerName> servers = new LinkedHashSet<>();
    if (!presence.isHosted(effect.origin())) {
      servers.add(effect.origin());
    }
    servers.addAll(presence.others(effect.roomId()));
    return servers.stream().limit(SERVERS_MAX).toList();
  }

  private Optional<RoomVersion> version(RoomId room) {
    return rooms.room(room).flatMap(row -> RoomVersion.find(row.roomVersion()));
  }

  /** Whether the server had anything that the room was given. */
  private boolean fetchFrom(Asked asked, FetchEvents effect) throws FederationException {
    Pdu waiting = new Pdu(effect.eventId(), asked.room(), effect.skeleton());
    Set<EventId> wanted = new TreeSet<>(waiting.prevEvents());
    Map<EventId, Pdu> found = predecessors(asked, effect.eventId(), wanted);
    List<Pdu> needing = new ArrayList<>(found.values());
    needing.add(waiting);
    boolean given = outliers.bringAuthEvents(asked, needing);
    Map<EventId, StateBefore> before = statesOf(asked, found);
    List<RoomCommand> commands = new ArrayList<>();
    for (Pdu event : EventOrder.of(found, Pdu::prevEvents)) {
      commands.add(command(asked, event, before.get(event.id())));
    }
    if (!known.unplaced(asked.room(), remaining(wanted, found)).isEmpty()) {
      // Some predecessors cannot be had at all: the origin's word for the state stands for them.
      StateBefore state = state(asked, effect.eventId());
      Optional<Pdu> whole = state == null ? Optional.empty() : single(asked, effect.eventId());
      whole.ifPresent(event -> commands.add(command(asked, event, state)));
    }
    // The last is waited for too: the next effect of the room sees what this one brought.
    portions.give(commands);
    return given || !commands.isEmpty();
  }

  /** Empty if the server does not give it. */
  private Optional<Pdu> single(Asked asked, EventId event) throws FederationException {
    try {
      return Optional.of(events.event(asked, event));
    } catch (FederationException e) {
      if (e.isTransient()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static Set<EventId> remaining(Set<EventId> wanted, Map<EventId, Pdu> found) {
    Set<EventId> remaining = new TreeSet<>(wanted);
    remaining.removeAll(found.keySet());
    return remaining;
  }

  /** What lies between the waiting event and those that the room has, as far as limits go. */
  private Map<EventId, Pdu> predecessors(Asked asked, EventId waiting, Set<EventId> wanted)
      throws FederationException {
    Map<EventId, Pdu> found = new LinkedHashMap<>();
    List<EventId> extremities =
        rooms.room(asked.room()).map(RoomsView.Room::extremities).orElse(List.of());
    Collection<EventId> latest = List.of(waiting);
    boolean more = !known.unplaced(asked.room(), wanted).isEmpty();
    for (int round = 0; more && round < ROUNDS_MAX && found.size() < EVENTS_MAX; round++) {
      Map<EventId, Pdu> page = between(asked, extremities, latest);
      int size = page.size();
      page.keySet().removeAll(found.keySet());
      page.remove(waiting);
      found.putAll(page);
      latest = bottoms(asked, found).keySet();
      more = size >= ROUND_EVENTS_FULL && !page.isEmpty() && !latest.isEmpty();
    }
    addSingles(asked, found, remaining(wanted, found));
    Set<EventId> below = new TreeSet<>();
    bottoms(asked, found).values().forEach(bottom -> below.addAll(bottom.prevEvents()));
    addSingles(asked, found, remaining(below, found));
    found.keySet().retainAll(known.unplaced(asked.room(), found.keySet()));
    return found;
  }

  private Map<EventId, Pdu> between(
      Asked asked, Collection<EventId> earliest, Collection<EventId> latest)
      throws FederationException {
    try {
      return events.missing(asked, earliest, latest, ROUND_EVENTS_MAX);
    } catch (FederationException e) {
      if (e.isTransient()) {
        throw e;
      }
      return new LinkedHashMap<>();
    }
  }

  private void addSingles(Asked asked, Map<EventId, Pdu> found, Set<EventId> wanted)
      throws FederationException {
    for (EventId missing :
        known.unplaced(asked.room(), wanted).stream().limit(SINGLES_MAX).toList()) {
      single(asked, missing).ifPresent(event -> found.put(missing, event));
    }
  }

  /** Those of which predecessors are neither among them nor placed in the room. */
  private Map<EventId, Pdu> bottoms(Asked asked, Map<EventId, Pdu> found) {
    Set<EventId> named = new TreeSet<>();
    found.values().forEach(event -> named.addAll(event.prevEvents()));
    named.removeAll(found.keySet());
    Set<EventId> unplaced = known.unplaced(asked.room(), named);
    Map<EventId, Pdu> bottoms = new LinkedHashMap<>();
    for (Pdu event : found.values()) {
      if (event.prevEvents().stream().anyMatch(unplaced::contains)) {
        bottoms.put(event.id(), event);
      }
    }
    return bottoms;
  }

  private Map<EventId, StateBefore> statesOf(Asked asked, Map<EventId, Pdu> found)
      throws FederationException {
    Map<EventId, StateBefore> given = new TreeMap<>();
    for (EventId bottom : bottoms(asked, found).keySet()) {
      if (given.size() >= STATES_MAX) {
        break;
      }
      StateBefore state = state(asked, bottom);
      if (state != null) {
        given.put(bottom, state);
      }
    }
    return given;
  }

  private @Nullable StateBefore state(Asked asked, EventId event) throws FederationException {
    Optional<EventId> base =
        rooms.room(asked.room()).flatMap(row -> row.extremities().stream().findFirst());
    if (base.isEmpty()) {
      return null;
    }
    try {
      return states.fetch(asked, event, base.get());
    } catch (FederationException e) {
      if (e.isTransient()) {
        throw e;
      }
      return null;
    }
  }

  private RoomCommand command(Asked asked, Pdu event, @Nullable StateBefore before) {
    return new RoomCommand.ReceiveEvent(
        writes.newId(),
        writes.now(),
        asked.room(),
        asked.link().destination(),
        event.json(),
        true,
        null,
        before);
  }
}
