package org.headrace.api.user;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.api.Params;
import org.headrace.api.sync.SyncEngine;
import org.headrace.api.sync.SyncToken;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.ShownKeys;
import org.headrace.schema.record.KeyPurpose;
import org.jspecify.annotations.Nullable;

/** Device and cross-signing keys, and whose changed (client-server API, "Key management API"). */
@Path("/")
public class KeysResource {
  /** Users of one query. */
  private static final int USERS_MAX = 10_000;

  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject DeviceKeys keys;
  @Inject ShownKeys shown;
  @Inject RemoteKeys remote;
  @Inject FederationPolicy.OfTenants policies;
  @Inject SyncEngine sync;

  @POST
  @Path("_matrix/client/v3/keys/query")
  @RunOnVirtualThread
  public Response query(byte @Nullable [] body) {
    UserId asker = caller.user();
    JsonBody request = JsonBody.parse(body);
    Duration timeout =
        Duration.ofMillis(
            Math.clamp(
                request.optionalInteger("timeout").orElse(RemoteKeys.TIMEOUT_DEFAULT.toMillis()),
                0,
                RemoteKeys.TIMEOUT_MAX.toMillis()));
    JsonBody asked = request.requireObject("device_keys");
    if (asked.json().size() > USERS_MAX) {
      throw MatrixError.invalidParam("device_keys may have " + USERS_MAX + " users at most");
    }
    ObjectNode json = Json.object();
    ObjectNode deviceKeys = json.putObject("device_keys");
    ObjectNode failures = json.putObject("failures");
    ObjectNode masterKeys = Json.object();
    ObjectNode selfSigningKeys = Json.object();
    ObjectNode userSigningKeys = Json.object();
    SortedMap<ServerName, ObjectNode> elsewhere = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : asked.json().properties()) {
      UserId user = Ids.user(entry.getKey());
      Set<String> devices = new HashSet<>(asked.strings(entry.getKey()));
      if (!policies.reachesHere(asker.server(), user.server())) {
        elsewhere
            .computeIfAbsent(user.server(), server -> Json.object())
            .set(user.value(), entry.getValue());
      } else if (accounts.account(user).isPresent()) {
        deviceKeys.set(user.value(), keys.of(user, devices));
        put(masterKeys, user, KeyPurpose.MASTER);
        put(selfSigningKeys, user, KeyPurpose.SELF_SIGNING);
        if (user.equals(asker)) {
          put(userSigningKeys, user, KeyPurpose.USER_SIGNING);
        }
      }
    }
    RemoteKeys.Found found = remote.query(asker.server(), elsewhere, timeout);
    deviceKeys.setAll(found.deviceKeys());
    masterKeys.setAll(found.masterKeys());
    selfSigningKeys.setAll(found.selfSigningKeys());
    putIfAny(json, "master_keys", signedBy(asker, masterKeys));
    putIfAny(json, "self_signing_keys", selfSigningKeys);
    putIfAny(json, "user_signing_keys", userSigningKeys);
    found.failed().forEach(server -> failures.putObject(server.value()));
    return Replies.ok(json);
  }

  private void put(ObjectNode into, UserId user, String purpose) {
    shown.signingKey(user, purpose).ifPresent(key -> into.set(user.value(), key));
  }

  /** Whom the asker has verified is told to the asker alone. */
  private ObjectNode signedBy(UserId asker, ObjectNode masterKeys) {
    ObjectNode signed = Json.object();
    for (Map.Entry<String, JsonNode> key : masterKeys.properties()) {
      UserId owner = new UserId(key.getKey());
      signed.set(
          key.getKey(),
          owner.equals(asker)
              ? key.getValue()
              : shown.signed((ObjectNode) key.getValue(), asker, owner));
    }
    return signed;
  }

  private static void putIfAny(ObjectNode json, String name, ObjectNode keys) {
    if (!keys.isEmpty()) {
      json.set(name, keys);
    }
  }

  /** {@code to} is not needed: what changed after it is told again, which is allowed. */
  @GET
  @Path("_matrix/client/v3/keys/changes")
  @RunOnVirtualThread
  public Response changes(
      @QueryParam("from") @Nullable String from, @QueryParam("to") @Nullable String to) {
    UserId user = caller.user();
    Params.required(to, "to");
    SyncToken since =
        SyncToken.decode(Params.required(from, "from"))
            .orElseThrow(() -> MatrixError.invalidParam("from is no token of this server"));
    return Replies.ok(sync.keyChanges(user, since));
  }
}
