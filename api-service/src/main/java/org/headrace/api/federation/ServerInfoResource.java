package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.json.Json;
import org.headrace.federation.client.TenantKeys;
import org.headrace.http.Caller;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;

/** What the server says of itself to any other: its name and version, and where it is. */
@Path("/")
public class ServerInfoResource {
  private static final String NAME = "Headrace";

  @Inject Caller caller;
  @Inject TenantKeys keys;

  /** Where other servers are sent, {@code host[:port]}; absent: nowhere else. */
  @ConfigProperty(name = "headrace.federation.delegate")
  Optional<String> delegate = Optional.empty();

  @GET
  @Path("_matrix/federation/v1/version")
  public Response version() {
    ObjectNode json = Json.object();
    json.putObject("server").put("name", NAME).put("version", implementationVersion());
    return Replies.ok(json);
  }

  @GET
  @Path(".well-known/matrix/server")
  public Response wellKnown() {
    return delegate
        .map(name -> Replies.ok(Json.object().put("m.server", name)))
        .orElseThrow(() -> MatrixError.notFound("Nothing is delegated"));
  }

  /** What {@code m.room.policy} says where this tenant is a room's policy server. */
  @GET
  @Path(".well-known/matrix/policy_server")
  public Response policyServer() {
    SigningKey key =
        keys.policy(caller.tenant().name())
            .orElseThrow(() -> MatrixError.notFound("This is no policy server"));
    ObjectNode json = Json.object();
    json.putObject("public_keys").put("ed25519", key.publicKeyBase64());
    return Replies.ok(json);
  }

  private static String implementationVersion() {
    String version = ServerInfoResource.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
