package org.headrace.api.federation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Target;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * Fetches what other servers publish of their keys, and vouches for it (server-server API,
 * "Querying Keys Through Another Server"). An answer is kept for half of its life, and handed on
 * beyond it while the server is away.
 */
@Singleton
class Notary {
  /** Servers whose answer is kept. */
  private static final int ANSWERS_KEPT_MAX = 2_000;

  /** Requests to other servers at once, whoever asks for them. */
  private static final int FETCHES_MAX = 16;

  /** Longest wait of who asks. */
  private static final Duration WAIT_MAX = Duration.ofSeconds(20);

  /** A server that was asked is not asked again before. */
  private static final Duration ASK_AGAIN = Duration.ofMinutes(1);

  private record Kept(Optional<ObjectNode> answer, long freshUntilMillis, long askedMillis) {}

  private final FederationClient client;
  private final FederationPolicy.OfTenants policies;
  private final TenantKeys keys;
  private final Tenants tenants;
  private final PublishedKeys published;
  private final Clock clock;
  private final Semaphore fetches = new Semaphore(FETCHES_MAX, true);
  private final Map<ServerName, Kept> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ServerName, Kept> eldest) {
          return size() > ANSWERS_KEPT_MAX;
        }
      };

  @Inject
  Notary(
      FederationClient client,
      FederationPolicy.OfTenants policies,
      TenantKeys keys,
      Tenants tenants,
      PublishedKeys published,
      Clock clock) {
    this.client = client;
    this.policies = policies;
    this.keys = keys;
    this.tenants = tenants;
    this.published = published;
    this.clock = clock;
  }

  /** What these servers publish, each signed by itself and by the tenant; what can be had. */
  List<ObjectNode> keys(SortedSet<ServerName> servers, ServerName tenant) {
    Map<ServerName, Future<Optional<ObjectNode>>> asked = new TreeMap<>();
    List<ObjectNode> found = new ArrayList<>();
    long end = System.nanoTime() + WAIT_MAX.toNanos();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      for (ServerName server : servers) {
        if (tenants.isHosted(server)) {
          found.add(published.of(server));
        } else if (policies.of(tenant).allows(server)) {
          asked.put(server, threads.submit(() -> current(server)));
        }
      }
      for (Future<Optional<ObjectNode>> answer : asked.values()) {
        await(answer, end).ifPresent(found::add);
      }
    } finally {
      threads.shutdownNow();
    }
    return found.stream()
        .map(answer -> JsonSigner.sign(answer, tenant.value(), keys.current(tenant)))
        .toList();
  }

  private static Optional<ObjectNode> await(Future<Optional<ObjectNode>> answer, long endNanos) {
    try {
      return answer.get(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private Optional<ObjectNode> current(ServerName server) throws InterruptedException {
    Kept before = known(server);
    long now = clock.millis();
    boolean ask =
        before == null
            || (now >= before.freshUntilMillis()
                && now >= before.askedMillis() + ASK_AGAIN.toMillis());
    if (!ask) {
      return before == null ? Optional.empty() : before.answer();
    }
    fetches.acquire();
    Optional<ObjectNode> fetched;
    try {
      fetched = fetch(server);
    } finally {
      fetches.release();
    }
    long end = fetched.map(answer -> answer.path("valid_until_ts").asLong()).orElse(now);
    Optional<ObjectNode> answer = fetched.or(() -> before == null ? fetched : before.answer());
    synchronized (kept) {
      kept.put(server, new Kept(answer, now + Math.max(0, (end - now) / 2), now));
    }
    return answer;
  }

  private @Nullable Kept known(ServerName server) {
    synchronized (kept) {
      return kept.get(server);
    }
  }

  private Optional<ObjectNode> fetch(ServerName server) {
    try {
      ObjectNode answer =
          client.call(
              FederationRequest.unsignedGet(server, Target.of("/_matrix/key/v2/server")),
              CallLimits.KEYS);
      return isSigned(answer, server) ? Optional.of(answer) : Optional.empty();
    } catch (FederationException e) {
      return Optional.empty();
    }
  }

  /** Whether the answer is of this server, and signed with one of its current keys. */
  private static boolean isSigned(ObjectNode answer, ServerName server) {
    if (!answer.path("server_name").asText().equals(server.value())) {
      return false;
    }
    for (Map.Entry<String, JsonNode> key : answer.path("verify_keys").properties()) {
      try {
        byte[] bytes = UnpaddedBase64.decode(key.getValue().path("key").asText());
        if (JsonSigner.verify(answer, server.value(), key.getKey(), bytes)) {
          return true;
        }
      } catch (IllegalArgumentException e) {
        // Not a key; another one may be.
      }
    }
    return false;
  }
}
