package org.headrace.federation.call;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** {@code GET /make_knock} and {@code PUT /send_knock}. */
public final class Knocks {
  private final FederationClient client;

  public Knocks(FederationClient client) {
    this.client = client;
  }

  /** Asks for a knock event's template, for a room of one of these versions. */
  public Template make(Link link, RoomId room, UserId user, Collection<RoomVersion> versions)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/make_knock").segment(room).segment(user);
    versions.forEach(version -> target.query("ver", version.id()));
    ObjectNode answer = client.call(FederationRequest.get(link, target), CallLimits.HANDSHAKE);
    return Template.of(answer, user, "knock");
  }

  /**
   * Sends the knock event.
   *
   * @return {@code knock_room_state}: the room's stripped state
   */
  public List<ObjectNode> send(Link link, RoomId room, EventId id, ObjectNode event)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/send_knock").segment(room).segment(id);
    ObjectNode answer =
        client.call(FederationRequest.put(link, target, event), CallLimits.HANDSHAKE);
    return Answers.objects(answer, "knock_room_state");
  }
}
