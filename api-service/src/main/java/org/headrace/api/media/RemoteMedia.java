package org.headrace.api.media;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.api.RemoteFailures;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.MatrixError;
import org.headrace.http.MediaLimits;
import org.headrace.http.MediaTypes;
import org.headrace.http.Places;
import org.headrace.http.RateLimit;
import org.headrace.media.MediaCache;
import org.headrace.media.TooLargeException;

/**
 * Other servers' media, fetched once and kept for a while, for tenants that speak with those
 * servers. Each is fetched by one request of a tenant at a time, whose end the others wait for.
 */
@Singleton
class RemoteMedia {
  /** Media that are fetched at once. */
  private static final int FETCHED_AT_ONCE_MAX = 32;

  /** Of them, for one user; a picture of a room waits for those before it. */
  private static final int FETCHED_AT_ONCE_FOR_USER_MAX = 4;

  private static final Duration PLACE_WAIT = Duration.ofSeconds(20);

  private static final long RETRY_MILLIS = 2_000;
  private static final int BURST = 100;
  private static final Duration REFILL = Duration.ofMillis(200);
  private static final int FILENAME_CHARS_MAX = 255;

  private final FederationCalls calls;
  private final FederationPolicy.OfTenants policies;
  private final MediaCache cache;
  private final MediaLimits limits;
  private final RateLimit rate;
  private final boolean rateLimited;
  private final Places places = new Places(FETCHED_AT_ONCE_MAX, FETCHED_AT_ONCE_FOR_USER_MAX);
  private final Map<String, CompletableFuture<Void>> running = new ConcurrentHashMap<>();

  @Inject
  RemoteMedia(
      FederationCalls calls,
      FederationPolicy.OfTenants policies,
      MediaCache cache,
      MediaLimits limits,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean rateLimited) {
    this.calls = calls;
    this.policies = policies;
    this.cache = cache;
    this.limits = limits;
    this.rate = new RateLimit(BURST, REFILL, clock::millis);
    this.rateLimited = rateLimited;
  }

  /** The media; throws what a client is to be told. */
  Found find(UserId asker, ServerName server, MediaId id, Duration wait) throws IOException {
    if (!policies.allow(asker.server(), server)) {
      throw RemoteFailures.denied();
    }
    String key = "mxc://" + server + "/" + id;
    Optional<Found> kept = Found.kept(cache, key);
    if (kept.isPresent()) {
      return kept.get();
    }
    if (rateLimited) {
      rate.take(asker.value());
    }
    fetchOnce(key, asker, server, id, wait);
    // It may have made room for others already, but hardly.
    return Found.kept(cache, key).orElseThrow(() -> MatrixError.limitExceeded(RETRY_MILLIS));
  }

  private void fetchOnce(String key, UserId asker, ServerName server, MediaId id, Duration wait) {
    // What a tenant may not, or is refused, tells nothing of what another is.
    String ofTenant = asker.server() + " " + key;
    CompletableFuture<Void> other = running.get(ofTenant);
    if (other == null) {
      // Before others wait for this request, which might wait for its user's others.
      try (var place = places.take(asker.value(), PLACE_WAIT)) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        other = running.putIfAbsent(ofTenant, mine);
        if (other == null) {
          try {
            fetch(key, new Link(asker.server(), server), id, wait);
            mine.complete(null);
            return;
          } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
          } finally {
            running.remove(ofTenant, mine);
          }
        }
      }
    }
    join(other);
  }

  private static void join(CompletableFuture<Void> other) {
    try {
      other.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MatrixError.limitExceeded(RETRY_MILLIS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException same ? same : new IllegalStateException(e);
    }
  }

  private void fetch(String key, Link link, MediaId id, Duration wait) {
    long bytesMax = limits.uploadBytesMax();
    try {
      boolean fits =
          calls
              .media()
              .download(
                  link,
                  id,
                  wait,
                  bytesMax,
                  part -> {
                    String filename = part.filename().filter(RemoteMedia::isFilename).orElse(null);
                    var label = new MediaCache.Label(MediaTypes.orOctets(part.type()), filename);
                    try {
                      cache.put(key, label, part.bytes()::writeTo, bytesMax);
                      return true;
                    } catch (TooLargeException e) {
                      return false;
                    }
                  });
      if (!fits) {
        throw new MatrixError(502, "M_TOO_LARGE", "The media are too large to be served here");
      }
    } catch (FederationException e) {
      throw failure(e);
    }
  }

  private static boolean isFilename(String name) {
    return name.length() <= FILENAME_CHARS_MAX && name.chars().noneMatch(Character::isISOControl);
  }

  private static MatrixError failure(FederationException e) {
    return e.refusal()
        .filter(refusal -> refusal.is(504, "M_NOT_YET_UPLOADED"))
        .map(
            refusal ->
                new MatrixError(504, "M_NOT_YET_UPLOADED", "The content has not been uploaded yet"))
        .orElseGet(() -> RemoteFailures.of(e));
  }
}
