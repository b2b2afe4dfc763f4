package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.RateLimit;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.room.InvitePolicy;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.tenant.Tenants;
import org.jboss.logging.Logger;

/**
 * Invites of third-party identifiers that have found their users (server-server API, "Third-party
 * invites"). The room's auth rules check the identity server's signature.
 */
@Path("/")
@RunOnVirtualThread
public class ThirdPartyInviteResource {
  /** Invites of one notification that are taken. */
  static final int INVITES_MAX = 20;

  private static final Logger LOG = Logger.getLogger(ThirdPartyInviteResource.class);
  private static final int NOTIFICATIONS_BURST = 20;
  private static final Duration NOTIFICATION_REFILL = Duration.ofSeconds(1);

  /** An invite of an identifier that is bound now. */
  private record Bound(RoomId room, UserId sender, ObjectNode thirdParty) {}

  private final Peers peers;
  private final HeldRooms held;
  private final AccountsView accounts;
  private final RoomsView rooms;
  private final InvitePolicy invites;
  private final FederationCalls calls;
  private final Tenants tenants;
  private final FederationPolicy.OfTenants policies;
  private final Writes writes;
  private final RateLimit notifications;

  @Inject
  ThirdPartyInviteResource(
      Peers peers,
      HeldRooms held,
      AccountsView accounts,
      RoomsView rooms,
      InvitePolicy invites,
      FederationCalls calls,
      Tenants tenants,
      FederationPolicy.OfTenants policies,
      Writes writes,
      Clock clock) {
    this.peers = peers;
    this.held = held;
    this.accounts = accounts;
    this.rooms = rooms;
    this.invites = invites;
    this.calls = calls;
    this.tenants = tenants;
    this.policies = policies;
    this.writes = writes;
    notifications = new RateLimit(NOTIFICATIONS_BURST, NOTIFICATION_REFILL, clock::millis);
  }

  /** Another server's user was invited by one of ours: the tenant makes the invite. */
  @PUT
  @Path("/_matrix/federation/v1/exchange_third_party_invite/{roomId}")
  public Response exchange(@PathParam("roomId") String roomId, byte[] bytes) {
    Peers.Request request = peers.require(bytes);
    Peer peer = request.peer();
    JsonBody body = request.body();
    RoomId room = Ids.room(roomId);
    HeldRooms.Held unused = held.require(room, peer);
    UserId sender = Ids.user(body.requireString("sender"));
    UserId target = Ids.user(body.requireString("state_key"));
    ObjectNode content = body.requireObject("content").json();
    boolean asSpecified =
        body.requireString("type").equals("m.room.member")
            && body.requireString("room_id").equals(room.value())
            && content.path("membership").asText().equals("invite")
            && content.path("third_party_invite").path("signed").isObject();
    if (!asSpecified) {
      throw MatrixError.invalidParam("The event is no third-party invite of this room");
    }
    if (!sender.server().equals(peer.tenant()) || !target.server().equals(peer.origin())) {
      throw MatrixError.invalidParam("The event is not of your user and one of ours");
    }
    invite(room, sender, target, content.path("third_party_invite"));
    return Replies.empty();
  }

  /**
   * An identity server says that an identifier was bound to a hosted user: the inviters' servers
   * are asked for the invites. Unsigned, so it does little and not often.
   */
  @PUT
  @Path("/_matrix/federation/v1/3pid/onbind")
  public Response onBind(byte[] bytes) {
    JsonBody body = JsonBody.parse(bytes);
    UserId user = Ids.user(body.requireString("mxid"));
    List<JsonBody> found = body.objects("invites");
    if (!tenants.isHosted(user.server()) || accounts.account(user).isEmpty()) {
      throw MatrixError.notFound("This server has no such user");
    }
    notifications.take(user.value());
    List<Bound> bound =
        found.stream().limit(INVITES_MAX).map(invite -> bound(invite, user)).toList();
    bound.forEach(invite -> ask(invite.room(), invite.sender(), user, invite.thirdParty()));
    return Replies.empty();
  }

  private static Bound bound(JsonBody invite, UserId user) {
    RoomId room = Ids.room(invite.requireString("room_id"));
    UserId sender = Ids.user(invite.requireString("sender"));
    JsonBody signed = invite.requireObject("signed");
    if (!signed.requireString("mxid").equals(user.value())) {
      throw MatrixError.invalidParam("The invite is for another user");
    }
    ObjectNode thirdParty = Json.object().put("display_name", user.localpart());
    thirdParty.set("signed", signed.json());
    return new Bound(room, sender, thirdParty);
  }

  private void ask(RoomId room, UserId sender, UserId user, ObjectNode thirdParty) {
    try {
      if (policies.reachesHere(user.server(), sender.server())) {
        if (rooms.isJoined(room, sender.server())) {
          invite(room, sender, user, thirdParty);
        }
        return;
      }
      ObjectNode event =
          Json.object()
              .put("type", "m.room.member")
              .put("room_id", room.value())
              .put("sender", sender.value())
              .put("state_key", user.value());
      event.putObject("content").put("membership", "invite").set("third_party_invite", thirdParty);
      calls.invites().exchangeThirdParty(new Link(user.server(), sender.server()), room, event);
    } catch (FederationException | MatrixError | NoAnswerException e) {
      LOG.infof("No third-party invite of %s to %s: %s", user, room, e.getMessage());
    }
  }

  private void invite(RoomId room, UserId sender, UserId target, JsonNode invite) {
    ObjectNode content = Json.object();
    content.set("third_party_invite", invite);
    ObjectNode unused =
        writes.submit(
            new RoomCommand.ChangeMembership(
                writes.newId(),
                writes.now(),
                room,
                sender,
                target,
                RoomCommand.Action.INVITE,
                content,
                null,
                invites.isRemote(target)),
            CommandLog.WAIT_LONG);
  }
}
