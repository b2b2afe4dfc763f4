package org.headrace.api.user;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.SortedMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.api.RemoteFailures;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.Caller;
import org.headrace.http.ClientAddress;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.RateLimit;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;

/**
 * GET /profile: public, so no token is asked for (client-server API, "Profiles"). Who has none can
 * make the server ask others a few times only.
 */
@Path("/")
public class ProfileResource {
  /** Members of another server's profile that are handed on. */
  private static final int FIELDS_MAX = 100;

  /** Profiles of other servers that an address without a token gets at once. */
  private static final int ANONYMOUS_BURST = 20;

  private static final Duration ANONYMOUS_REFILL = Duration.ofSeconds(3);

  private final Caller caller;
  private final AccountsView accounts;
  private final FederationPolicy.OfTenants policies;
  private final FederationCalls calls;
  private final ClientAddress address;
  private final RateLimit byAddress;
  private final boolean limited;

  @Inject
  public ProfileResource(
      Caller caller,
      AccountsView accounts,
      FederationPolicy.OfTenants policies,
      FederationCalls calls,
      ClientAddress address,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean limited) {
    this.caller = caller;
    this.accounts = accounts;
    this.policies = policies;
    this.calls = calls;
    this.address = address;
    this.limited = limited;
    byAddress = new RateLimit(ANONYMOUS_BURST, ANONYMOUS_REFILL, clock::millis);
  }

  @GET
  @Path("_matrix/client/v3/profile/{userId}")
  @RunOnVirtualThread
  public Response profile(@PathParam("userId") String userId) {
    UserId user = Ids.user(userId);
    if (!policies.reachesHere(caller::acting, user.server())) {
      return Replies.ok(remote(user, Optional.empty()));
    }
    ObjectNode json = Json.object();
    fields(user).forEach(json::put);
    return Replies.ok(json);
  }

  @GET
  @Path("_matrix/client/v3/profile/{userId}/{keyName}")
  @RunOnVirtualThread
  public Response field(@PathParam("userId") String userId, @PathParam("keyName") String keyName) {
    UserId user = Ids.user(userId);
    if (!policies.reachesHere(caller::acting, user.server())) {
      JsonNode value = remote(user, Optional.of(keyName)).get(keyName);
      if (value == null || value.isNull()) {
        throw MatrixError.notFound("The profile has no " + keyName);
      }
      return Replies.ok(Json.object().set(keyName, value));
    }
    String value = fields(user).get(keyName);
    if (value == null) {
      throw MatrixError.notFound("The profile has no " + keyName);
    }
    return Replies.ok(Json.object().put(keyName, value));
  }

  private ObjectNode remote(UserId user, Optional<String> field) {
    Link link = new Link(asking(), user.server());
    try {
      ObjectNode answer = calls.directory().profile(link, user, field);
      if (answer.size() > FIELDS_MAX) {
        throw MatrixError.notFound("The profile has too many fields");
      }
      return answer;
    } catch (FederationException e) {
      throw RemoteFailures.of(e);
    }
  }

  private ServerName asking() {
    if (limited && caller.optionalSession().isEmpty()) {
      byAddress.take(address.key());
    }
    return caller.acting();
  }

  private SortedMap<String, String> fields(UserId user) {
    if (accounts.account(user).isEmpty()) {
      throw MatrixError.notFound("There is no such user");
    }
    return accounts.profile(user);
  }
}
