package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.http.Caller;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.RemoteKeyClaims;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;

/** Uploads and claims device keys (client-server API, "Key management"). */
@Path("/")
@RunOnVirtualThread
public class KeysResource {
  /** One-time and fallback keys of one upload. */
  static final int KEYS_MAX = 1000;

  /** How long other servers may take to answer a claim, if the client does not say. */
  private static final long REMOTE_MILLIS_DEFAULT = 10_000;

  private static final long REMOTE_MILLIS_MAX = 60_000;

  @Inject Caller caller;
  @Inject KeyClaims claims;
  @Inject RemoteKeyClaims remoteClaims;
  @Inject FederationPolicy.OfTenants policies;
  @Inject Writes writes;

  @POST
  @Path("/_matrix/client/v3/keys/upload")
  public Response upload(byte[] bytes) {
    AccountsView.Session session = caller.session();
    JsonBody body = JsonBody.parse(bytes);
    Sizes.require(body.json(), Sizes.COMMAND_BYTES_MAX, "An upload of keys");
    ObjectNode deviceKeys =
        body.optionalObject("device_keys").map(keys -> requireOwn(keys, session)).orElse(null);
    SortedMap<String, JsonNode> oneTime = keys(body, "one_time_keys");
    SortedMap<String, JsonNode> fallback = keys(body, "fallback_keys");
    return Replies.ok(
        counts(
            writes.submit(
                new AccountCommand.UploadKeys(
                    writes.newId(),
                    writes.now(),
                    session.user(),
                    session.device(),
                    deviceKeys,
                    oneTime,
                    fallback))));
  }

  /** The counts are required in the response, even if there are none. */
  private static ObjectNode counts(ObjectNode result) {
    if (result.has("one_time_key_counts")) {
      return result;
    }
    return Json.object().set("one_time_key_counts", Json.object());
  }

  private static ObjectNode requireOwn(JsonBody keys, AccountsView.Session session) {
    if (!keys.requireString("user_id").equals(session.user().value())
        || !keys.requireString("device_id").equals(session.device().value())) {
      throw MatrixError.invalidParam("device_keys are not those of this session's device");
    }
    keys.requireObject("keys");
    keys.requireObject("signatures");
    if (!keys.has("algorithms")) {
      throw MatrixError.missingParam("device_keys.algorithms is missing");
    }
    keys.strings("algorithms");
    return keys.json();
  }

  /** A key is an object, or a string if its algorithm does not sign (spec, POST /keys/upload). */
  private static SortedMap<String, JsonNode> keys(JsonBody body, String member) {
    SortedMap<String, JsonNode> keys = new TreeMap<>();
    body.optionalObject(member)
        .ifPresent(
            object ->
                object
                    .json()
                    .properties()
                    .forEach(key -> keys.put(keyId(key.getKey()), requireKey(key.getValue()))));
    if (keys.size() > KEYS_MAX) {
      throw MatrixError.invalidParam(member + " may have " + KEYS_MAX + " keys at most");
    }
    return keys;
  }

  private static JsonNode requireKey(JsonNode key) {
    if (!key.isObject() && !key.isTextual()) {
      throw MatrixError.badJson("A key must be an object or a string");
    }
    return key;
  }

  private static String keyId(String name) {
    int colon = name.indexOf(':');
    if (colon < 1 || colon == name.length() - 1) {
      throw MatrixError.invalidParam("A key is named <algorithm>:<key id>");
    }
    return Sizes.requireName(name, "A key's name");
  }

  @POST
  @Path("/_matrix/client/v3/keys/claim")
  public Response claim(byte[] bytes) {
    UserId user = caller.user();
    JsonBody body = JsonBody.parse(bytes);
    SortedMap<UserId, SortedMap<String, String>> asked = claims.parse(body);
    long millis = body.optionalInteger("timeout").orElse(REMOTE_MILLIS_DEFAULT);
    SortedMap<UserId, SortedMap<String, String>> hosted = new TreeMap<>(asked);
    hosted.keySet().removeIf(other -> !policies.reachesHere(user.server(), other.server()));
    asked.keySet().removeAll(hosted.keySet());
    RemoteKeyClaims.Claimed remote =
        remoteClaims.claim(
            user.server(), asked, Duration.ofMillis(Math.clamp(millis, 0, REMOTE_MILLIS_MAX)));
    ObjectNode reply = Json.object();
    ObjectNode keys = claims.claim(hosted);
    keys.setAll(remote.keys());
    reply.set("one_time_keys", keys);
    return Replies.ok(reply.set("failures", remote.failures()));
  }
}
