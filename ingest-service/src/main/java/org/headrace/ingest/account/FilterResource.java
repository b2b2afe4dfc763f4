package org.headrace.ingest.account;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import org.headrace.core.crypto.Hashes;
import org.headrace.core.filter.InvalidFilterException;
import org.headrace.core.filter.SyncFilter;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.schema.command.AccountCommand;

/** Stores filters (client-server API, "Filtering"); equal filters have one id. */
@Path("/")
@RunOnVirtualThread
public class FilterResource {
  private static final int FILTER_ID_CHARS = 22;

  @Inject Caller caller;
  @Inject Writes writes;

  @POST
  @Path("/_matrix/client/v3/user/{userId}/filter")
  public Response add(@PathParam("userId") String userId, byte[] bytes) {
    caller.session();
    UserId user = caller.sessionOf(Ids.user(userId)).user();
    JsonBody body = JsonBody.parse(bytes);
    Sizes.require(body.json(), Sizes.FILTER_BYTES_MAX, "A filter");
    try {
      SyncFilter unused = SyncFilter.parse(body.json());
    } catch (InvalidFilterException e) {
      throw MatrixError.badJson(String.valueOf(e.getMessage()));
    }
    String json = new String(Json.bytes(body.json()), StandardCharsets.UTF_8);
    String filterId = Hashes.sha256(json).substring(0, FILTER_ID_CHARS);
    writes.submit(
        new AccountCommand.AddFilter(writes.newId(), writes.now(), user, filterId, body.json()));
    return Replies.ok(Json.object().put("filter_id", filterId));
  }
}
