package org.headrace.http;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.headrace.core.crypto.Ed25519;
import org.headrace.core.id.UserId;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.federation.client.TenantKeys;

/**
 * Tokens by which others learn whose they are, and nothing else (OpenID module). No service
 * remembers them: a token is the user id and its end, signed with the tenant's key over a text that
 * no event and no request can be. A rotated key ends them.
 */
@Singleton
public class OpenIdTokens {
  public static final Duration VALIDITY = Duration.ofHours(1);

  private static final String PURPOSE = "headrace openid token ";
  private static final int TOKEN_CHARS_MAX = 1_024;
  private static final char SEPARATOR = '.';

  private final TenantKeys keys;
  private final Clock clock;

  @Inject
  public OpenIdTokens(TenantKeys keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  public String token(UserId user) {
    String claim = (clock.millis() + VALIDITY.toMillis()) + " " + user.value();
    byte[] signature = keys.current(user.server()).sign(signed(claim));
    return UnpaddedBase64.encodeUrlSafe(claim.getBytes(StandardCharsets.UTF_8))
        + SEPARATOR
        + UnpaddedBase64.encodeUrlSafe(signature);
  }

  /** Whose the token is; empty if it has ended, or is none of a tenant here. */
  public Optional<UserId> user(String token) {
    int separator = token.indexOf(SEPARATOR);
    if (separator < 0 || token.length() > TOKEN_CHARS_MAX) {
      return Optional.empty();
    }
    try {
      String claim =
          new String(UnpaddedBase64.decode(token.substring(0, separator)), StandardCharsets.UTF_8);
      byte[] signature = UnpaddedBase64.decode(token.substring(separator + 1));
      int space = claim.indexOf(' ');
      if (space < 0) {
        return Optional.empty();
      }
      UserId user = new UserId(claim.substring(space + 1));
      boolean valid =
          keys.isHosted(user.server())
              && Ed25519.verify(keys.current(user.server()).publicKey(), signed(claim), signature)
              && Long.parseLong(claim.substring(0, space)) > clock.millis();
      return valid ? Optional.of(user) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] signed(String claim) {
    return (PURPOSE + claim).getBytes(StandardCharsets.UTF_8);
  }
}
