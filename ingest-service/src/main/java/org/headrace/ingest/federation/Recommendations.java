package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.TenantKeys;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.ingest.remote.PduChecks;
import org.headrace.ingest.remote.PduChecks.Result;
import org.headrace.ingest.room.CurrentState;
import org.headrace.projections.view.RoomsView;

/**
 * What a tenant that is a policy server recommends (server-server API, "Policy Servers"): events of
 * rooms that have chosen it, of servers that it has to do with and that the room's ACL allows.
 */
@ApplicationScoped
public class Recommendations {
  @Inject TenantKeys keys;
  @Inject FederationPolicy.OfTenants policies;
  @Inject HeldRooms held;
  @Inject CurrentState current;
  @Inject RoomsView rooms;
  @Inject PduChecks checks;

  /**
   * The tenant's signature of the event, {@code {server: {key id: signature}}}; throws what {@code
   * POST /policy/v1/sign} answers instead.
   */
  public ObjectNode sign(Peer peer, ObjectNode event) {
    ServerName tenant = peer.tenant();
    SigningKey key = keys.policy(tenant).orElseThrow(MatrixError::unrecognized);
    HeldRooms.Held room = held.require(roomOf(event), peer);
    PolicyServer server =
        current
            .policyServer(room.id())
            .filter(chosen -> chosen.via().equals(tenant))
            .orElseThrow(() -> MatrixError.notFound("This is not the room's policy server"));
    Pdu pdu =
        switch (PduChecks.form(event, room.version(), room.id())) {
          case Result.Valid(Pdu valid) -> valid;
          case Result.Invalid invalid -> throw MatrixError.badJson(invalid.problem());
        };
    requireAsker(peer.origin(), pdu, room);
    requireRecommendable(tenant, pdu, room);
    ObjectNode signed = EventSignatures.sign(event, room.version(), tenant, key);
    ObjectNode answer = Json.object();
    JsonNode signature = signed.path("signatures").path(tenant.value()).path(PolicyServer.KEY_ID);
    answer.putObject(tenant.value()).set(PolicyServer.KEY_ID, signature);
    if (EventFormat.check(signed, room.version()).isPresent()) {
      throw refused("the event is too large to be signed once more");
    }
    if (server.withRecommendation(event, room.version(), answer).isEmpty()) {
      throw refused("the room names another key of this policy server");
    }
    return answer;
  }

  private static RoomId roomOf(ObjectNode event) {
    try {
      return new RoomId(event.path("room_id").asText());
    } catch (InvalidIdException e) {
      throw MatrixError.badJson("room_id must be a room id");
    }
  }

  /** Who made the event, or who is in the room and shows one that its maker has signed. */
  private void requireAsker(ServerName origin, Pdu event, HeldRooms.Held room) {
    if (origin.equals(event.sender().server())) {
      return;
    }
    if (!rooms.isJoined(room.id(), origin)) {
      throw MatrixError.forbidden("This server is not in the room");
    }
    if (checks.signed(new Result.Valid(event), room.version()) instanceof Result.Invalid invalid) {
      throw refused(invalid.problem());
    }
  }

  /** The tenant's rule. */
  private void requireRecommendable(ServerName tenant, Pdu event, HeldRooms.Held room) {
    ServerName sender = event.sender().server();
    if (PolicyServer.isExempt(event.json())) {
      throw refused("this event needs no recommendation");
    }
    if (!policies.allow(tenant, sender) || !held.isAllowed(room.id(), sender)) {
      throw refused("events of " + sender + " are not recommended");
    }
    if (!EventHashes.contentHashMatches(event.json(), room.version())) {
      throw refused("the content is not that of its hash");
    }
  }

  /** 400, unlike the 403 of who may not ask. */
  private static MatrixError refused(String why) {
    return new MatrixError(400, "M_FORBIDDEN", why);
  }
}
