package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.headrace.api.Params;
import org.headrace.core.filter.InvalidFilterException;
import org.headrace.core.filter.SyncFilter;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.record.Presence;
import org.jspecify.annotations.Nullable;

/** GET /sync: parses the request; {@link SyncEngine} answers it. */
@Path("/")
public class SyncResource {
  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject SyncEngine engine;

  @GET
  @Path("_matrix/client/v3/sync")
  @RunOnVirtualThread
  public Response sync(
      @QueryParam("filter") @Nullable String filter,
      @QueryParam("since") @Nullable String since,
      @QueryParam("full_state") @Nullable String fullState,
      @QueryParam("timeout") @Nullable String timeout,
      @QueryParam("use_state_after") @Nullable String stateAfter,
      @QueryParam("set_presence") @Nullable String setPresence) {
    AccountsView.Session session = caller.session();
    long timeoutMillis = Params.integer(timeout, "timeout", 0, SyncRequest.TIMEOUT_MAX.toMillis());
    SyncRequest request =
        new SyncRequest(
            session,
            since(since),
            filter(session.user(), filter),
            Params.bool(fullState, "full_state"),
            Params.bool(stateAfter, "use_state_after"),
            Duration.ofMillis(timeoutMillis),
            presence(setPresence));
    return Replies.ok(engine.sync(request, caller::requireStillValid));
  }

  private static Presence presence(@Nullable String given) {
    return given == null || given.isEmpty()
        ? Presence.ONLINE
        : Presence.of(given)
            .orElseThrow(
                () -> MatrixError.invalidParam("set_presence is online, unavailable or offline"));
  }

  private static Optional<SyncToken> since(@Nullable String since) {
    if (since == null || since.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        SyncToken.decode(since)
            .orElseThrow(() -> MatrixError.invalidParam("since is no token of this server")));
  }

  /** Inline JSON, known by its brace, or the id of an uploaded filter. */
  private SyncFilter filter(UserId user, @Nullable String filter) {
    if (filter == null || filter.isEmpty()) {
      return SyncFilter.ALL;
    }
    ObjectNode json =
        filter.startsWith("{")
            ? Json.parseObject(filter.getBytes(StandardCharsets.UTF_8))
            : accounts
                .filter(user, filter)
                .orElseThrow(() -> MatrixError.invalidParam("There is no such filter"));
    try {
      return SyncFilter.parse(json);
    } catch (InvalidFilterException e) {
      throw MatrixError.invalidParam(String.valueOf(e.getMessage()));
    }
  }
}
