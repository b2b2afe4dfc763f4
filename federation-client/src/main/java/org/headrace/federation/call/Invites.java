package org.headrace.federation.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Refusal;

/** {@code PUT /invite} (v2, or v1 at servers that know no other), and third-party invites. */
public final class Invites {
  private final FederationClient client;

  public Invites(FederationClient client) {
    this.client = client;
  }

  /**
   * Asks the invited user's server to sign.
   *
   * @param strippedState {@code invite_room_state}
   * @return the event as that server answered it, not checked: only its signature is of interest
   */
  public ObjectNode send(
      Link link,
      RoomId room,
      RoomVersion version,
      EventId id,
      ObjectNode event,
      List<ObjectNode> strippedState)
      throws FederationException {
    ObjectNode body = Json.object().put("room_version", version.id());
    body.set("event", event);
    body.putArray("invite_room_state").addAll(strippedState);
    Target target = Target.of("/_matrix/federation/v2/invite").segment(room).segment(id);
    try {
      ObjectNode answer =
          client.call(FederationRequest.put(link, target, body), CallLimits.HANDSHAKE);
      return Answers.object(answer, "event");
    } catch (FederationException e) {
      // "Senders which receive a 400 or 404 response should retry using the v1 API".
      if (version.events().idGiven() && e.refusal().filter(Invites::mayBeOlder).isPresent()) {
        return sendV1(link, room, id, event, strippedState);
      }
      throw e;
    }
  }

  private static boolean mayBeOlder(Refusal refusal) {
    return refusal.status() == 400 || refusal.status() == 404;
  }

  private ObjectNode sendV1(
      Link link, RoomId room, EventId id, ObjectNode event, List<ObjectNode> strippedState)
      throws FederationException {
    ObjectNode body = event.deepCopy();
    ObjectNode unsigned =
        body.get("unsigned") instanceof ObjectNode present ? present : body.putObject("unsigned");
    unsigned.putArray("invite_room_state").addAll(strippedState);
    Target target = Target.of("/_matrix/federation/v1/invite").segment(room).segment(id);
    // The answer is [200, {event}].
    JsonNode answer =
        client.call(
            FederationRequest.put(link, target, body),
            CallLimits.HANDSHAKE,
            (head, content) -> Json.parse(content.readAllBytes()));
    return Answers.object(answer.path(1), "event");
  }

  /** {@code PUT /exchange_third_party_invite}: asks the inviter's server to invite the user. */
  public void exchangeThirdParty(Link link, RoomId room, ObjectNode event)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/exchange_third_party_invite").segment(room);
    client.call(FederationRequest.put(link, target, event), CallLimits.HANDSHAKE);
  }
}
