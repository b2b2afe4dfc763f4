package org.headrace.api.user;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import org.headrace.core.id.UserId;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;

/** GET of an uploaded filter. */
@Path("/")
public class FilterResource {
  @Inject Caller caller;
  @Inject AccountsView accounts;

  @GET
  @Path("_matrix/client/v3/user/{userId}/filter/{filterId}")
  @RunOnVirtualThread
  public Response filter(
      @PathParam("userId") String userId, @PathParam("filterId") String filterId) {
    UserId user = Ids.user(userId);
    caller.sessionOf(user);
    return accounts
        .filter(user, filterId)
        .map(Replies::ok)
        .orElseThrow(() -> MatrixError.notFound("There is no such filter"));
  }
}
