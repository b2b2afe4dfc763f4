package org.headrace.api.user;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;

/** GET /account/whoami. */
@Path("/")
public class WhoamiResource {
  @Inject Caller caller;

  @GET
  @Path("_matrix/client/v3/account/whoami")
  @RunOnVirtualThread
  public Response whoami() {
    AccountsView.Session session = caller.session();
    return Replies.ok(
        Json.object()
            .put("user_id", session.user().value())
            .put("device_id", session.device().value())
            .put("is_guest", false));
  }
}
