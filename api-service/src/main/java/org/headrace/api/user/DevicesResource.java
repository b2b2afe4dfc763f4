package org.headrace.api.user;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;

/** GET /devices (client-server API, "Device Management"). */
@Path("/")
public class DevicesResource {
  @Inject Caller caller;
  @Inject AccountsView accounts;

  @GET
  @Path("_matrix/client/v3/devices")
  @RunOnVirtualThread
  public Response devices() {
    ObjectNode json = Json.object();
    ArrayNode devices = json.putArray("devices");
    accounts.devices(caller.user()).forEach(device -> devices.add(json(device)));
    return Replies.ok(json);
  }

  @GET
  @Path("_matrix/client/v3/devices/{deviceId}")
  @RunOnVirtualThread
  public Response device(@PathParam("deviceId") String deviceId) {
    return accounts
        .device(caller.user(), Ids.device(deviceId))
        .map(device -> Replies.ok(json(device)))
        .orElseThrow(() -> MatrixError.notFound("There is no such device"));
  }

  private static ObjectNode json(AccountsView.Device device) {
    ObjectNode json = Json.object().put("device_id", device.device().value());
    String name = device.displayName();
    if (name != null) {
      json.put("display_name", name);
    }
    return json;
  }
}
