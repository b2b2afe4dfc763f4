package org.headrace.api.user;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;

/** Keys of other servers' users: each server is asked at once, and waited for until the timeout. */
@Singleton
class RemoteKeys {
  static final Duration TIMEOUT_DEFAULT = Duration.ofSeconds(10);
  static final Duration TIMEOUT_MAX = Duration.ofSeconds(60);

  /** Servers that one request may ask; others count as failed. */
  private static final int SERVERS_MAX = 200;

  private final FederationCalls calls;

  @Inject
  RemoteKeys(FederationCalls calls) {
    this.calls = calls;
  }

  /** What was found, by user id, and who did not answer. */
  record Found(
      ObjectNode deviceKeys,
      ObjectNode masterKeys,
      ObjectNode selfSigningKeys,
      SortedSet<ServerName> failed) {}

  /**
   * Asks for keys.
   *
   * @param asked for each server {@code {user: [device]}}
   */
  Found query(ServerName tenant, SortedMap<ServerName, ObjectNode> asked, Duration timeout) {
    Found found = new Found(Json.object(), Json.object(), Json.object(), new TreeSet<>());
    if (asked.isEmpty()) {
      return found;
    }
    long end = System.nanoTime() + timeout.toNanos();
    Map<ServerName, Future<ObjectNode>> answers = new TreeMap<>();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      asked.forEach(
          (server, wanted) -> {
            if (answers.size() < SERVERS_MAX) {
              answers.put(
                  server,
                  threads.submit(() -> calls.devices().query(new Link(tenant, server), wanted)));
            } else {
              found.failed().add(server);
            }
          });
      answers.forEach(
          (server, answer) ->
              await(answer, end)
                  .ifPresentOrElse(
                      json -> put(found, json, asked.getOrDefault(server, Json.object())),
                      () -> found.failed().add(server)));
    } finally {
      threads.shutdownNow();
    }
    return found;
  }

  private static Optional<ObjectNode> await(Future<ObjectNode> answer, long endNanos) {
    try {
      long left = Math.max(0, endNanos - System.nanoTime());
      return Optional.of(answer.get(left, TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FederationException) {
        return Optional.empty();
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** A server speaks for the users that it was asked about, and for no others. */
  private static void put(Found found, ObjectNode answer, ObjectNode asked) {
    asked
        .fieldNames()
        .forEachRemaining(
            user -> {
              put(found.deviceKeys(), user, answer.path("device_keys").path(user));
              put(found.masterKeys(), user, answer.path("master_keys").path(user));
              put(found.selfSigningKeys(), user, answer.path("self_signing_keys").path(user));
            });
  }

  private static void put(ObjectNode into, String user, JsonNode keys) {
    if (keys.isObject()) {
      into.set(user, keys);
    }
  }
}
