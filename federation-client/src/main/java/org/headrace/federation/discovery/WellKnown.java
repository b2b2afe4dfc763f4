package org.headrace.federation.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.federation.net.AddressRange;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.CheckedAddresses;
import org.headrace.federation.net.Deadline;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;
import org.headrace.federation.net.HttpCall;
import org.headrace.federation.net.HttpTarget;
import org.headrace.federation.net.LimitedBody;
import org.headrace.federation.net.PinnedHttp;
import org.headrace.federation.net.ResponseHead;
import org.headrace.federation.net.SingleFlight;
import org.jspecify.annotations.Nullable;

/**
 * {@code https://<hostname>/.well-known/matrix/server}, with the specification's rules of caching.
 * What answers with something else than a delegation is asked again after an hour, what does not
 * answer after a minute, then two, and so on up to an hour.
 */
final class WellKnown {
  static final Duration CACHE_DEFAULT = Duration.ofHours(24);
  static final Duration CACHE_MAX = Duration.ofHours(48);
  static final Duration CACHE_MIN = Duration.ofMinutes(5);
  static final Duration ERROR_MAX = Duration.ofHours(1);
  static final Duration SILENCE_MIN = Duration.ofMinutes(1);
  static final int REDIRECTS_MAX = 5;
  static final int BYTES_MAX = 65_536;
  private static final int ADDRESSES_TRIED_MAX = 3;
  private static final int HOSTS_CACHED_MAX = 10_000;
  private static final String PATH = "/.well-known/matrix/server";
  private static final CallLimits LIMITS =
      new CallLimits(Duration.ofSeconds(10), Duration.ofSeconds(10), BYTES_MAX);

  private final PinnedHttp http;
  private final CheckedAddresses addresses;
  private final InstantSource clock;
  private final int httpsPort;
  private final SingleFlight<Asked, Cached> flights = new SingleFlight<>();
  private final Cache<Asked, Cached> cache =
      Caffeine.newBuilder().maximumSize(HOSTS_CACHED_MAX).executor(Runnable::run).build();

  /**
   * A host, in lower case, asked at any address but these: what a tenant may not ask says nothing
   * of what another may.
   */
  private record Asked(String host, List<AddressRange> refused) {}

  /** What is known of a host; {@code silences} counts how often in a row it did not answer. */
  private record Cached(Optional<ServerName> delegated, long untilMillis, int silences) {}

  /** An answer: a redirect, or a status and what the file says, with how long it holds. */
  private record Answer(
      Optional<String> location, int status, Optional<ServerName> delegated, Duration fresh) {}

  WellKnown(PinnedHttp http, CheckedAddresses addresses, InstantSource clock, int httpsPort) {
    this.http = http;
    this.addresses = addresses;
    this.clock = clock;
    this.httpsPort = httpsPort;
  }

  /** The server that the host delegates to; nothing if it has no valid file. */
  Optional<ServerName> delegated(String host, List<AddressRange> refused, Deadline deadline) {
    Asked key = new Asked(host.toLowerCase(Locale.ROOT), refused);
    Cached cached = cache.getIfPresent(key);
    if (cached != null && clock.millis() < cached.untilMillis()) {
      return cached.delegated();
    }
    return flights.await(key, () -> fetch(key), deadline).flatMap(Cached::delegated);
  }

  private Cached fetch(Asked asked) {
    Cached before = cache.getIfPresent(asked);
    Cached now;
    try {
      Answer answer = follow(asked);
      now =
          answer.delegated().isPresent()
              ? cached(answer.delegated(), answer.fresh(), 0)
              : answer.status() >= 500 ? silent(before) : cached(Optional.empty(), ERROR_MAX, 0);
    } catch (FederationException e) {
      now =
          e.reason() == Reason.BAD_RESPONSE || e.reason() == Reason.DENIED
              ? cached(Optional.empty(), ERROR_MAX, 0)
              : silent(before);
    } catch (UnknownHostException e) {
      now = silent(before);
    }
    cache.put(asked, now);
    return now;
  }

  private Cached silent(@Nullable Cached before) {
    int silences = before == null ? 0 : before.silences();
    long millis = SILENCE_MIN.toMillis() << Math.min(silences, 10);
    Duration time = Duration.ofMillis(Math.min(millis, ERROR_MAX.toMillis()));
    return cached(Optional.empty(), time, silences + 1);
  }

  private Cached cached(Optional<ServerName> delegated, Duration time, int silences) {
    return new Cached(delegated, clock.millis() + time.toMillis(), silences);
  }

  private Answer follow(Asked asked) throws FederationException, UnknownHostException {
    Deadline deadline = Deadline.in(LIMITS.total());
    Set<URI> seen = new HashSet<>();
    CheckedAddresses reachable = addresses.refusing(asked.refused());
    String port = httpsPort == 443 ? "" : ":" + httpsPort;
    URI at = URI.create("https://" + asked.host() + port + PATH);
    for (int hops = 0; hops <= REDIRECTS_MAX && seen.add(at); hops++) {
      Answer answer = get(at, reachable, deadline);
      if (answer.location().isEmpty()) {
        return answer;
      }
      at = redirected(at, answer.location().get());
    }
    throw new FederationException(Reason.BAD_RESPONSE, "too many redirects");
  }

  private Answer get(URI uri, CheckedAddresses reachable, Deadline deadline)
      throws FederationException, UnknownHostException {
    String authority = uri.getRawAuthority();
    if (uri.getHost() == null) {
      throw new UnknownHostException("not a host name");
    }
    String host = uri.getHost().replace("[", "").replace("]", "");
    int port = uri.getPort() < 0 ? 443 : uri.getPort();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    FederationException failure = new FederationException(Reason.UNREACHABLE, "no address");
    int tried = 0;
    for (InetAddress address : reachable.of(host, deadline)) {
      if (++tried > ADDRESSES_TRIED_MAX) {
        break;
      }
      try {
        return http.exchange(
            new HttpTarget(address, port, host, authority),
            HttpCall.get(path + query),
            LIMITS,
            deadline,
            WellKnown::read);
      } catch (PinnedHttp.NotConnected e) {
        failure = e.asFailure();
      }
    }
    throw failure;
  }

  private static URI redirected(URI from, String location) throws FederationException {
    try {
      URI to = from.resolve(new URI(location));
      if ("https".equalsIgnoreCase(to.getScheme())
          && to.getHost() != null
          && to.getRawUserInfo() == null
          && to.getPort() <= 65_535) {
        return new URI("https", to.getRawSchemeSpecificPart(), null);
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      // Refused below.
    }
    throw new FederationException(Reason.BAD_RESPONSE, "a redirect that is not followed");
  }

  private static Answer read(ResponseHead head, LimitedBody body) throws IOException {
    int status = head.status();
    if (status >= 300 && status < 400 && head.header("Location").isPresent()) {
      return new Answer(head.header("Location"), status, Optional.empty(), CACHE_MIN);
    }
    return new Answer(
        Optional.empty(),
        status,
        status == 200 ? delegated(body.readAllBytes()) : Optional.empty(),
        CacheTime.of(head));
  }

  private static Optional<ServerName> delegated(byte[] body) {
    try {
      JsonNode server = Json.parseObject(body).path("m.server");
      return server.isTextual()
          ? Optional.of(new ServerName(server.textValue()))
          : Optional.empty();
    } catch (InvalidJsonException | InvalidIdException e) {
      return Optional.empty();
    }
  }
}
