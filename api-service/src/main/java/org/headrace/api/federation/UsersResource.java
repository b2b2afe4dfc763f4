package org.headrace.api.federation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.headrace.api.user.DeviceKeys;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.ShownKeys;
import org.headrace.schema.record.KeyPurpose;
import org.jspecify.annotations.Nullable;

/**
 * Devices and keys of the tenant's users (server-server API, "Device Management", "End-to-End
 * Encryption").
 */
@Path("/")
public class UsersResource {
  /** Users of one query. */
  private static final int USERS_MAX = 10_000;

  @Inject Peers peers;
  @Inject AccountsView accounts;
  @Inject DeviceKeys keys;
  @Inject ShownKeys shown;

  /**
   * {@code stream_id} is the last step of the user's device list, as in updates. It is read first:
   * what is shown may be newer than it, never older.
   */
  @GET
  @Path("_matrix/federation/v1/user/devices/{userId}")
  @RunOnVirtualThread
  public Response devices(@PathParam("userId") String userId) {
    Peer peer = peers.require();
    UserId user = Ids.user(userId);
    if (!isOf(peer, user)) {
      throw MatrixError.notFound("There is no such user");
    }
    ObjectNode json = Json.object().put("user_id", user.value());
    json.put("stream_id", Math.max(0, accounts.devicesChanged(user).packed()));
    ArrayNode devices = json.putArray("devices");
    shown
        .devices(user)
        .forEach(
            (id, device) -> {
              ObjectNode each = devices.addObject().put("device_id", id.value());
              each.set("keys", device.keys());
              if (device.displayName() != null) {
                each.put("device_display_name", device.displayName());
              }
            });
    shown.signingKey(user, KeyPurpose.MASTER).ifPresent(key -> json.set("master_key", key));
    shown
        .signingKey(user, KeyPurpose.SELF_SIGNING)
        .ifPresent(key -> json.set("self_signing_key", key));
    return Replies.ok(json);
  }

  @POST
  @Path("_matrix/federation/v1/user/keys/query")
  @RunOnVirtualThread
  public Response query(byte @Nullable [] bytes) {
    Peers.Request request = peers.require(bytes);
    JsonBody asked = request.body().requireObject("device_keys");
    if (asked.json().size() > USERS_MAX) {
      throw MatrixError.invalidParam("device_keys may have " + USERS_MAX + " users at most");
    }
    ObjectNode json = Json.object();
    ObjectNode deviceKeys = json.putObject("device_keys");
    ObjectNode masterKeys = json.putObject("master_keys");
    ObjectNode selfSigningKeys = json.putObject("self_signing_keys");
    for (Map.Entry<String, JsonNode> entry : asked.json().properties()) {
      UserId user = Ids.user(entry.getKey());
      Set<String> devices = new HashSet<>(asked.strings(entry.getKey()));
      if (isOf(request.peer(), user)) {
        deviceKeys.set(user.value(), keys.of(user, devices));
        shown
            .signingKey(user, KeyPurpose.MASTER)
            .ifPresent(key -> masterKeys.set(user.value(), key));
        shown
            .signingKey(user, KeyPurpose.SELF_SIGNING)
            .ifPresent(key -> selfSigningKeys.set(user.value(), key));
      }
    }
    return Replies.ok(json);
  }

  private boolean isOf(Peer peer, UserId user) {
    return user.server().equals(peer.tenant()) && accounts.account(user).isPresent();
  }
}
