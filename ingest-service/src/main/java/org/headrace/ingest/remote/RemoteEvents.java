package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.call.History;
import org.headrace.federation.call.RoomEvents;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;

/**
 * Events of a room as other servers tell them (server-server API, "Backfilling and retrieving
 * missing events", "Retrieving events"); what is not valid is left out.
 */
@ApplicationScoped
public class RemoteEvents {
  /** Events of one auth chain that are kept. */
  static final int AUTH_CHAIN_MAX = 5_000;

  @Inject FederationCalls calls;
  @Inject PduChecks checks;

  /** A room to ask about, and whom. */
  public record Asked(Link link, RoomId room, RoomVersion version) {}

  /** The event; throws BAD_RESPONSE if the answer is another one. */
  public Pdu event(Asked asked, EventId event) throws FederationException {
    ObjectNode answer = calls.events().event(asked.link(), event);
    Pdu found = valid(asked, List.of(answer)).get(event);
    if (found == null) {
      throw Handshake.bad("the answer is not the event that was asked for");
    }
    return found;
  }

  /** What lies before the latest and is none of the earliest. */
  public Map<EventId, Pdu> missing(
      Asked asked, Collection<EventId> earliest, Collection<EventId> latest, int limit)
      throws FederationException {
    History.Between between = new History.Between(earliest, latest, 0);
    return valid(asked, calls.history().missing(asked.link(), asked.room(), between, limit));
  }

  /** These events and those before them. */
  public Map<EventId, Pdu> backfill(Asked asked, Collection<EventId> from, int limit)
      throws FederationException {
    return valid(asked, calls.history().backfill(asked.link(), asked.room(), from, limit));
  }

  /** The event's auth chain, as far as it has {@link #AUTH_CHAIN_MAX} events. */
  public Map<EventId, Pdu> authChain(Asked asked, EventId event) throws FederationException {
    List<ObjectNode> chain = new ArrayList<>();
    calls
        .events()
        .eventAuth(
            asked.link(),
            asked.room(),
            event,
            pdu -> {
              if (chain.size() < AUTH_CHAIN_MAX) {
                chain.add(pdu);
              }
            });
    return valid(asked, chain);
  }

  /** The state before the event. */
  RoomEvents.StateIds stateIds(Asked asked, EventId event) throws FederationException {
    return calls.events().stateIds(asked.link(), asked.room(), event);
  }

  /** The state before the event and its auth chain, into a spool. */
  void state(Asked asked, EventId event, EventSpool spool) throws FederationException {
    calls.events().state(asked.link(), asked.room(), event, spool);
  }

  private Map<EventId, Pdu> valid(Asked asked, List<ObjectNode> events) {
    return checks.validOf(events, asked.version(), asked.room());
  }
}
