package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.ClientAddress;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.RateLimit;
import org.headrace.http.Replies;
import org.headrace.schema.tenant.Tenant;
import org.jspecify.annotations.Nullable;

/** POST /register and GET /register/available (client-server API, "Account registration"). */
@Path("/")
@RunOnVirtualThread
public class RegisterResource {
  private static final int REGISTRATIONS_BURST = 1000;
  private static final Duration REGISTRATION_REFILL = Duration.ofSeconds(1);

  private final Caller caller;
  private final Registration registration;
  private final InteractiveAuth auth;
  private final Sessions sessions;
  private final ClientAddress address;
  private final RateLimit byAddress;
  private final boolean limited;

  @Inject
  public RegisterResource(
      Caller caller,
      Registration registration,
      InteractiveAuth auth,
      Sessions sessions,
      ClientAddress address,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean limited) {
    this.caller = caller;
    this.registration = registration;
    this.auth = auth;
    this.sessions = sessions;
    this.address = address;
    this.limited = limited;
    byAddress = new RateLimit(REGISTRATIONS_BURST, REGISTRATION_REFILL, clock::millis);
  }

  @POST
  @Path("/_matrix/client/v3/register")
  public Response register(@QueryParam("kind") @Nullable String kind, byte[] bytes) {
    JsonBody body = JsonBody.parse(bytes);
    Tenant tenant = caller.tenant();
    if ("guest".equals(kind)) {
      throw new MatrixError(403, "M_GUEST_ACCESS_FORBIDDEN", "There are no guest accounts here");
    }
    if (kind != null && !kind.equals("user")) {
      throw MatrixError.invalidParam("kind must be user or guest");
    }
    if (!tenant.openRegistration()) {
      throw MatrixError.forbidden("Registration is closed");
    }
    UserId user =
        body.optionalString("username")
            .map(name -> Registration.userId(name, tenant.name()))
            .orElseGet(() -> registration.generatedUserId(tenant.name()));
    registration.requireFree(user);
    auth.requireDummy(body);
    String password = body.requireString("password");
    boolean login = !body.bool("inhibit_login", false);
    Sessions.Minted minted = sessions.mint(body);
    if (limited) {
      byAddress.take(address.key());
    }
    registration.register(user, password, false, login ? minted.session() : null);
    ObjectNode userOnly = Json.object().put("user_id", user.value());
    return Replies.ok(login ? minted.response(user) : userOnly);
  }

  @GET
  @Path("/_matrix/client/v3/register/available")
  public Response available(@QueryParam("username") @Nullable String username) {
    if (username == null) {
      throw MatrixError.missingParam("username is missing");
    }
    registration.requireFree(Registration.userId(username, caller.tenant().name()));
    return Replies.ok(Json.object().put("available", true));
  }
}
