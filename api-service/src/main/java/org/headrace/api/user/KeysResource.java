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
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.headrace.api.Params;
import org.headrace.api.sync.SyncEngine;
import org.headrace.api.sync.SyncToken;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;
import org.jspecify.annotations.Nullable;

/** Device keys, and whose changed (client-server API, "Key management API"). */
@Path("/")
public class KeysResource {
  /** Users of one query. */
  private static final int USERS_MAX = 10_000;

  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject SyncEngine sync;

  @POST
  @Path("_matrix/client/v3/keys/query")
  @RunOnVirtualThread
  public Response query(byte @Nullable [] body) {
    caller.session();
    JsonBody request = JsonBody.parse(body);
    request.optionalInteger("timeout");
    JsonBody asked = request.requireObject("device_keys");
    if (asked.json().size() > USERS_MAX) {
      throw MatrixError.invalidParam("device_keys may have " + USERS_MAX + " users at most");
    }
    ObjectNode json = Json.object();
    ObjectNode deviceKeys = json.putObject("device_keys");
    json.putObject("failures");
    for (Map.Entry<String, JsonNode> entry : asked.json().properties()) {
      UserId user = Ids.user(entry.getKey());
      Set<String> devices = new HashSet<>(asked.strings(entry.getKey()));
      if (accounts.account(user).isPresent()) {
        deviceKeys.set(user.value(), keys(user, devices));
      }
    }
    return Replies.ok(json);
  }

  /** Keys of the named devices, of all if none is named; with their names for people. */
  private ObjectNode keys(UserId user, Set<String> devices) {
    ObjectNode json = Json.object();
    for (Map.Entry<DeviceId, ObjectNode> entry : accounts.deviceKeys(user).entrySet()) {
      String device = entry.getKey().value();
      if (!devices.isEmpty() && !devices.contains(device)) {
        continue;
      }
      ObjectNode keys = entry.getValue().deepCopy();
      ObjectNode unsigned = keys.putObject("unsigned");
      accounts
          .device(user, entry.getKey())
          .map(AccountsView.Device::displayName)
          .ifPresent(name -> unsigned.put("device_display_name", name));
      json.set(device, keys);
    }
    return json;
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
