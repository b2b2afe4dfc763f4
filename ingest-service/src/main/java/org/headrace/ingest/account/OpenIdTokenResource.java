package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.OpenIdTokens;
import org.headrace.http.Replies;
import org.jspecify.annotations.Nullable;

/** POST of a request for an OpenID token: like a login it hands out, and nobody remembers. */
@Path("/")
public class OpenIdTokenResource {
  @Inject Caller caller;
  @Inject OpenIdTokens tokens;

  @POST
  @Path("_matrix/client/v3/user/{userId}/openid/request_token")
  @RunOnVirtualThread
  public Response token(@PathParam("userId") String userId, byte @Nullable [] body) {
    UserId user = Ids.user(userId);
    caller.sessionOf(user);
    JsonBody.parseOptional(body);
    ObjectNode json = Json.object().put("access_token", tokens.token(user));
    json.put("token_type", "Bearer");
    json.put("matrix_server_name", user.server().value());
    json.put("expires_in", OpenIdTokens.VALIDITY.toSeconds());
    return Replies.ok(json);
  }
}
