package org.headrace.federation.call;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** {@code GET /make_leave} and {@code PUT /send_leave} (v2). */
public final class Leaves {
  private final FederationClient client;

  public Leaves(FederationClient client) {
    this.client = client;
  }

  /** Asks for a leave event's template. */
  public Template make(Link link, RoomId room, UserId user) throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/make_leave").segment(room).segment(user);
    ObjectNode answer = client.call(FederationRequest.get(link, target), CallLimits.HANDSHAKE);
    return Template.of(answer, user, "leave");
  }

  /** Sends the leave event. */
  public void send(Link link, RoomId room, EventId id, ObjectNode event)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v2/send_leave").segment(room).segment(id);
    client.call(FederationRequest.put(link, target, event), CallLimits.HANDSHAKE);
  }
}
