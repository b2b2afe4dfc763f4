package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.federation.call.RoomEvents;
import org.headrace.federation.net.FederationException;
import org.headrace.ingest.remote.EventSpool.Spooled;
import org.headrace.ingest.remote.PduChecks.Result;
import org.headrace.ingest.remote.RemoteEvents.Asked;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.ReceivedEvent;
import org.headrace.schema.command.RoomCommand.StateBefore;
import org.headrace.schema.record.StateChange;

/**
 * What another server says of the state before an event whose history is not fetched: the events of
 * it that the room lacks are brought to it, and the state is told by what it differs in from the
 * state before an event that the room has.
 */
@ApplicationScoped
public class StatesBefore {
  /** So many events are asked for one by one; for more, the whole state. */
  private static final int SINGLES_MAX = 20;

  @Inject RemoteEvents events;
  @Inject KnownEvents known;
  @Inject Outliers outliers;
  @Inject PduChecks checks;
  @Inject StateView state;
  @Inject Portions portions;

  /** The state before {@code event}, against that before {@code base}, a placed event. */
  public StateBefore fetch(Asked asked, EventId event, EventId base) throws FederationException {
    RoomEvents.StateIds ids = events.stateIds(asked, event);
    Set<EventId> all = new TreeSet<>(ids.state());
    all.addAll(ids.authChain());
    Map<StateKey, EventId> entries = new TreeMap<>();
    List<EventRow> rows = known.rows(asked.room(), all);
    Set<EventId> inState = new TreeSet<>(ids.state());
    for (EventRow row : rows) {
      all.remove(row.eventId());
      if (inState.contains(row.eventId())) {
        put(entries, new Pdu(row.eventId(), row.roomId(), row.pdu()));
      }
    }
    if (all.size() <= SINGLES_MAX) {
      Map<EventId, Pdu> fetched = new LinkedHashMap<>();
      for (EventId missing : all) {
        single(asked, missing).ifPresent(found -> fetched.put(found.id(), found));
      }
      outliers.bring(asked, fetched);
      fetched.values().stream()
          .filter(found -> inState.contains(found.id()))
          .forEach(found -> put(entries, found));
    } else {
      bringWhole(asked, event, all, entries);
    }
    return new StateBefore(base, changes(asked, base, entries));
  }

  /** One event of many may be lost; a server that does not answer is another matter. */
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

  private void bringWhole(
      Asked asked, EventId event, Set<EventId> missing, Map<StateKey, EventId> entries)
      throws FederationException {
    try (EventSpool spool = new EventSpool(asked.version(), asked.room())) {
      events.state(asked, event, spool);
      List<Spooled> brought = new ArrayList<>();
      for (Spooled spooled : spool.ordered()) {
        if (spooled.inState()) {
          spooled.key().ifPresent(key -> entries.put(key, spooled.id()));
        }
        if (missing.contains(spooled.id())) {
          brought.add(spooled);
        }
      }
      portions.give(
          Portions.of(brought, Spooled::bytes),
          portion -> commands(asked, portion, spool),
          outcome -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** None where nothing of the portion is valid. */
  private List<RoomCommand> commands(Asked asked, List<Spooled> portion, EventSpool spool)
      throws IOException {
    List<ObjectNode> pdus = new ArrayList<>(portion.size());
    for (Spooled spooled : portion) {
      pdus.add(spool.read(spooled));
    }
    List<ReceivedEvent> received = new ArrayList<>(portion.size());
    for (Result result : checks.checkAll(pdus, asked.version(), asked.room())) {
      if (result instanceof Result.Valid(Pdu pdu)) {
        received.add(new ReceivedEvent(pdu.json(), true));
      }
    }
    return received.isEmpty() ? List.of() : List.of(outliers.command(asked, received));
  }

  private List<StateChange> changes(Asked asked, EventId base, Map<StateKey, EventId> entries) {
    Map<StateKey, EventId> differing = new TreeMap<>(entries);
    List<StateChange> changes = new ArrayList<>();
    for (StateView.Entry entry : state.allBefore(asked.room(), base)) {
      EventId now = differing.get(entry.key());
      if (now == null) {
        changes.add(new StateChange(entry.key().type(), entry.key().stateKey(), null));
      } else if (now.equals(entry.eventId())) {
        differing.remove(entry.key());
      }
    }
    differing.forEach(
        (key, event) -> changes.add(new StateChange(key.type(), key.stateKey(), event)));
    changes.sort(Comparator.comparing(StateChange::key));
    return changes;
  }

  private static void put(Map<StateKey, EventId> entries, Pdu event) {
    event.stateKey().ifPresent(key -> entries.put(new StateKey(event.type(), key), event.id()));
  }
}
