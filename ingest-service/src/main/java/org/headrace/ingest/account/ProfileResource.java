package org.headrace.ingest.account;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.headrace.core.id.UserId;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.schema.command.AccountCommand;
import org.jspecify.annotations.Nullable;

/** Sets a user's display name and avatar (client-server API, "Profiles"). */
@Path("/")
@RunOnVirtualThread
public class ProfileResource {
  private static final Set<String> FIELDS = Set.of("displayname", "avatar_url");

  @Inject Caller caller;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/client/v3/profile/{userId}/{keyName}")
  public Response put(
      @PathParam("userId") String userId, @PathParam("keyName") String field, byte[] bytes) {
    UserId user = requireOwn(userId, field);
    JsonBody body = JsonBody.parse(bytes);
    if (!body.json().has(field)) {
      throw MatrixError.missingParam(field + " is missing");
    }
    String value = body.optionalString(field).filter(text -> !text.isEmpty()).orElse(null);
    if (value != null
        && value.getBytes(StandardCharsets.UTF_8).length > Sizes.PROFILE_VALUE_BYTES_MAX) {
      throw new MatrixError(
          400,
          "M_PROFILE_TOO_LARGE",
          field + " may have " + Sizes.PROFILE_VALUE_BYTES_MAX + " bytes at most");
    }
    return set(user, field, value);
  }

  @DELETE
  @Path("/_matrix/client/v3/profile/{userId}/{keyName}")
  public Response delete(@PathParam("userId") String userId, @PathParam("keyName") String field) {
    return set(requireOwn(userId, field), field, null);
  }

  private UserId requireOwn(String userId, String field) {
    caller.session();
    UserId user = caller.sessionOf(Ids.user(userId)).user();
    if (!FIELDS.contains(field)) {
      throw MatrixError.forbidden("Profiles have a displayname and an avatar_url here");
    }
    return user;
  }

  private Response set(UserId user, String field, @Nullable String value) {
    writes.submit(
        new AccountCommand.SetProfileField(writes.newId(), writes.now(), user, field, value));
    return Replies.empty();
  }
}
