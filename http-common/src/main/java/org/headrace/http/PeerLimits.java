package org.headrace.http;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.core.id.ServerName;

/**
 * How much of this process one other server may occupy. Anyone can claim to be a server, so before
 * its signature is checked a request counts for the name <em>at the address that it comes from</em>
 * alone: who forges requests uses up what they have at their own address, and nothing of the
 * server's that they name. An authentic request counts for the server, wherever it comes from. Safe
 * for many threads.
 */
@Singleton
public class PeerLimits {
  private static final int PER_SECOND_MAX = 1_000;

  private final Places claiming;
  private final Places served;
  private final RateLimit claims;
  private final RateLimit requests;
  private final boolean rateLimited;

  @Inject
  PeerLimits(
      @ConfigProperty(name = "headrace.federation.requests-at-once", defaultValue = "100")
          int atOnceMax,
      @ConfigProperty(name = "headrace.federation.requests-burst", defaultValue = "1000") int burst,
      @ConfigProperty(name = "headrace.federation.requests-per-second", defaultValue = "100")
          int perSecond,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean rateLimited) {
    Duration refill = Duration.ofMillis(PER_SECOND_MAX / Math.clamp(perSecond, 1, PER_SECOND_MAX));
    claiming = new Places(Integer.MAX_VALUE, atOnceMax);
    served = new Places(Integer.MAX_VALUE, atOnceMax);
    claims = new RateLimit(burst, refill, clock::millis);
    requests = new RateLimit(burst, refill, clock::millis);
    this.rateLimited = rateLimited;
  }

  /**
   * For as long as a request's body is parsed and its signature checked; throws M_LIMIT_EXCEEDED.
   *
   * @param address as {@link ClientAddress#key}
   */
  Places.Place claim(ServerName claimed, String address) {
    String key = claimed.value() + " " + address;
    if (rateLimited) {
      claims.take(key);
    }
    return claiming.take(key, Duration.ZERO);
  }

  /** For as long as an authentic request is served; throws M_LIMIT_EXCEEDED. */
  Places.Place serve(ServerName origin) {
    if (rateLimited) {
      requests.take(origin.value());
    }
    return served.take(origin.value(), Duration.ZERO);
  }
}
