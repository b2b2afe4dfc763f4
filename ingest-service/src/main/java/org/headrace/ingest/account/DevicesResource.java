package org.headrace.ingest.account;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;

/** Renames and deletes devices (client-server API, "Device Management"). */
@Path("/")
@RunOnVirtualThread
public class DevicesResource {
  /** Devices of one user that one request may name. */
  public static final int DEVICES_MAX = 1000;

  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject InteractiveAuth auth;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/client/v3/devices/{deviceId}")
  public Response rename(@PathParam("deviceId") String deviceId, byte[] bytes) {
    UserId user = caller.user();
    DeviceId device = Ids.device(deviceId);
    JsonBody body = JsonBody.parse(bytes);
    String name = body.optionalString("display_name", Sizes.DEVICE_NAME_BYTES_MAX).orElse(null);
    if (accounts.device(user, device).isEmpty()) {
      throw MatrixError.notFound("You have no such device");
    }
    if (name != null) {
      writes.submit(
          new AccountCommand.RenameDevice(writes.newId(), writes.now(), user, device, name));
    }
    return Replies.empty();
  }

  @DELETE
  @Path("/_matrix/client/v3/devices/{deviceId}")
  public Response delete(@PathParam("deviceId") String deviceId, byte[] bytes) {
    UserId user = caller.user();
    DeviceId device = Ids.device(deviceId);
    auth.requirePassword(JsonBody.parseOptional(bytes), user);
    return end(user, List.of(device));
  }

  @POST
  @Path("/_matrix/client/v3/delete_devices")
  public Response deleteAll(byte[] bytes) {
    UserId user = caller.user();
    JsonBody body = JsonBody.parse(bytes);
    if (!body.has("devices")) {
      throw MatrixError.missingParam("devices is missing");
    }
    List<DeviceId> devices = body.strings("devices").stream().map(Ids::device).distinct().toList();
    if (devices.size() > DEVICES_MAX) {
      throw MatrixError.invalidParam("devices may name " + DEVICES_MAX + " at most");
    }
    auth.requirePassword(body, user);
    return devices.isEmpty() ? Replies.empty() : end(user, devices);
  }

  private Response end(UserId user, List<DeviceId> devices) {
    writes.submit(new AccountCommand.EndSessions(writes.newId(), writes.now(), user, devices));
    return Replies.empty();
  }
}
