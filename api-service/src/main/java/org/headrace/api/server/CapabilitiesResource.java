package org.headrace.api.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.Caller;
import org.headrace.http.Replies;

/** GET /capabilities: what clients of this server may do. */
@Path("/")
public class CapabilitiesResource {
  @Inject Caller caller;

  @GET
  @Path("_matrix/client/v3/capabilities")
  @RunOnVirtualThread
  public Response capabilities() {
    caller.session();
    ObjectNode json = Json.object();
    ObjectNode capabilities = json.putObject("capabilities");
    ObjectNode versions = capabilities.putObject("m.room_versions");
    versions.put("default", RoomVersion.DEFAULT.id());
    ObjectNode available = versions.putObject("available");
    RoomVersion.supportedStable().forEach(version -> available.put(version.id(), "stable"));
    capabilities.putObject("m.change_password").put("enabled", false);
    capabilities.putObject("m.3pid_changes").put("enabled", false);
    capabilities.putObject("m.get_login_token").put("enabled", false);
    capabilities.putObject("m.set_displayname").put("enabled", true);
    capabilities.putObject("m.set_avatar_url").put("enabled", true);
    ObjectNode profile = capabilities.putObject("m.profile_fields").put("enabled", true);
    ArrayNode allowed = profile.putArray("allowed");
    allowed.add("displayname").add("avatar_url");
    return Replies.ok(json);
  }
}
