package org.headrace.api.federation;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.headrace.api.Params;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.MatrixError;
import org.headrace.http.OpenIdTokens;
import org.headrace.http.Replies;
import org.jspecify.annotations.Nullable;

/** Whose an OpenID token is (server-server API, "OpenID"); asked by any service, unsigned. */
@Path("/")
public class OpenIdResource {
  @Inject OpenIdTokens tokens;

  @GET
  @Path("_matrix/federation/v1/openid/userinfo")
  @RunOnVirtualThread
  public Response userInfo(@QueryParam("access_token") @Nullable String token) {
    UserId user =
        tokens
            .user(Params.required(token, "access_token"))
            .orElseThrow(
                () ->
                    new MatrixError(
                        401, "M_UNKNOWN_TOKEN", "The token is not known, or has ended"));
    return Replies.ok(Json.object().put("sub", user.value()));
  }
}
