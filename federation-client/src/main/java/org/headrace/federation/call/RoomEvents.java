package org.headrace.federation.call;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** Single events, and the state and auth chain at one. */
public final class RoomEvents {
  private final FederationClient client;

  /** The ids of the state before an event, and of its auth chain. */
  public record StateIds(List<EventId> state, List<EventId> authChain) {}

  public RoomEvents(FederationClient client) {
    this.client = client;
  }

  /** {@code GET /event}. */
  public ObjectNode event(Link link, EventId event) throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/event").segment(event);
    List<ObjectNode> pdus =
        Answers.objects(
            client.call(FederationRequest.get(link, target), CallLimits.EVENTS), "pdus");
    if (pdus.size() != 1) {
      throw Answers.bad("one event is expected");
    }
    return pdus.get(0);
  }

  /** {@code GET /state_ids}: the state before an event. */
  public StateIds stateIds(Link link, RoomId room, EventId event) throws FederationException {
    Target target =
        Target.of("/_matrix/federation/v1/state_ids").segment(room).query("event_id", event);
    return client.call(
        FederationRequest.get(link, target),
        CallLimits.STATE,
        (head, body) -> {
          List<EventId> state = new ArrayList<>();
          List<EventId> authChain = new ArrayList<>();
          new ObjectStream()
              .items("pdu_ids", item -> state.add(Answers.parsed(item, EventId::new)))
              .items("auth_chain_ids", item -> authChain.add(Answers.parsed(item, EventId::new)))
              .read(body);
          return new StateIds(List.copyOf(state), List.copyOf(authChain));
        });
  }

  /** {@code GET /state}: the state before an event, handed on event by event. */
  public void state(Link link, RoomId room, EventId event, RoomStateSink sink)
      throws FederationException {
    Target target =
        Target.of("/_matrix/federation/v1/state").segment(room).query("event_id", event);
    client.call(
        FederationRequest.get(link, target),
        CallLimits.STATE,
        (head, body) -> {
          new ObjectStream()
              .objects("auth_chain", sink::authEvent)
              .objects("pdus", sink::stateEvent)
              .read(body);
          return true;
        });
  }

  /** {@code GET /event_auth}: the auth chain of an event, handed on event by event. */
  public void eventAuth(Link link, RoomId room, EventId event, Consumer<ObjectNode> sink)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/event_auth").segment(room).segment(event);
    client.call(
        FederationRequest.get(link, target),
        CallLimits.STATE,
        (head, body) -> {
          new ObjectStream().objects("auth_chain", sink).read(body);
          return true;
        });
  }
}
