package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Writes;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;

/** Login with a password, and logout (client-server API, "Legacy API"). */
@Path("/")
@RunOnVirtualThread
public class LoginResource {
  @Inject Caller caller;
  @Inject Passwords passwords;
  @Inject Sessions sessions;
  @Inject Writes writes;

  @GET
  @Path("/_matrix/client/v3/login")
  public Response flows() {
    ObjectNode reply = Json.object();
    reply.putArray("flows").addObject().put("type", InteractiveAuth.PASSWORD);
    return Replies.ok(reply);
  }

  @POST
  @Path("/_matrix/client/v3/login")
  public Response login(byte[] bytes) {
    JsonBody body = JsonBody.parse(bytes);
    if (!body.requireString("type").equals(InteractiveAuth.PASSWORD)) {
      throw new MatrixError(400, "M_UNKNOWN", "This login type is not supported");
    }
    String name =
        UserIdentifier.of(body)
            .orElseThrow(() -> MatrixError.missingParam("identifier is missing"));
    String password = body.requireString("password");
    Sessions.Minted minted = sessions.mint(body);
    UserId user;
    try {
      user = UserIdentifier.resolve(name, caller.tenant().name());
    } catch (InvalidIdException e) {
      throw wrong();
    }
    AccountsView.Account account =
        passwords.check(user, password).orElseThrow(LoginResource::wrong);
    writes.submit(
        new AccountCommand.CreateSession(
            writes.newId(), writes.now(), user, minted.session(), account.passwordPosition()));
    return Replies.ok(minted.response(user));
  }

  @POST
  @Path("/_matrix/client/v3/logout")
  public Response logout() {
    AccountsView.Session session = caller.session();
    writes.submit(
        new AccountCommand.EndSessions(
            writes.newId(), writes.now(), session.user(), List.of(session.device())));
    return Replies.empty();
  }

  @POST
  @Path("/_matrix/client/v3/logout/all")
  public Response logoutAll() {
    writes.submit(
        new AccountCommand.EndSessions(writes.newId(), writes.now(), caller.user(), null));
    return Replies.empty();
  }

  /** The same for a wrong name and a wrong password. */
  private static MatrixError wrong() {
    return MatrixError.forbidden("The user name or the password is wrong");
  }
}
