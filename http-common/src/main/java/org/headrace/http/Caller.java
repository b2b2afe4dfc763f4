package org.headrace.http;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.Optional;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * Who makes the current request (client-server API, "Using access tokens"). A request belongs to
 * its token's tenant, else to its Host header's (design D9).
 */
@RequestScoped
public class Caller {
  private static final String BEARER = "Bearer ";

  @Inject AccountsView accounts;
  @Inject RecentSessions recent;
  @Inject Tenants tenants;
  @Inject HttpHeaders headers;
  @Inject UriInfo uri;

  private AccountsView.@Nullable Session session;

  /** The token's session; throws M_MISSING_TOKEN or M_UNKNOWN_TOKEN (401). */
  public AccountsView.Session session() {
    AccountsView.Session known = session;
    if (known == null) {
      String hash = AccessTokens.hash(token().orElseThrow(MatrixError::missingToken));
      known =
          recent.read(hash, () -> accounts.session(hash)).orElseThrow(MatrixError::unknownToken);
      session = known;
    }
    return known;
  }

  /** Looks the token up again, after a wait; throws M_UNKNOWN_TOKEN (401) if it has ended. */
  public void requireStillValid() {
    session = null;
    session();
  }

  /** As {@link #session}, where a token may be absent; one that is there must be valid. */
  public Optional<AccountsView.Session> optionalSession() {
    return token().isPresent() ? Optional.of(session()) : Optional.empty();
  }

  public UserId user() {
    return session().user();
  }

  /** The session's user, which must be {@code user}: else M_FORBIDDEN. */
  public AccountsView.Session sessionOf(UserId user) {
    AccountsView.Session own = session();
    if (!own.user().equals(user)) {
      throw MatrixError.forbidden("This is another user's");
    }
    return own;
  }

  /** The tenant of a request without a token, by its Host header. */
  public Tenant tenant() {
    return tenants.forHost(headers.getHeaderString(HttpHeaders.HOST));
  }

  /** The tenant that a request belongs to: that of its token, else that of its Host header. */
  public ServerName acting() {
    return optionalSession().map(own -> own.user().server()).orElseGet(() -> tenant().name());
  }

  private Optional<String> token() {
    String header = headers.getHeaderString(HttpHeaders.AUTHORIZATION);
    if (header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return Optional.of(header.substring(BEARER.length()).strip());
    }
    return Optional.ofNullable(uri.getQueryParameters().getFirst("access_token"));
  }
}
