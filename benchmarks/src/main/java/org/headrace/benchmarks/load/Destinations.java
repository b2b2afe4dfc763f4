package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.headrace.core.json.Json;
import org.headrace.federation.fixture.RemoteServer;

/**
 * Servers that take transactions, and note which messages came; the dead take them and never
 * answer, which is worse than a closed port.
 */
final class Destinations {
  private final Map<String, Set<String>> bodies = new ConcurrentHashMap<>();
  private final Set<String> dead = ConcurrentHashMap.newKeySet();
  private final CountDownLatch end = new CountDownLatch(1);

  void kill(String name) {
    dead.add(name);
  }

  /** The dead give up, so that the process can end. */
  void close() {
    end.countDown();
  }

  void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (!path.startsWith("/_matrix/federation/v1/send/")) {
      RemoteServer.send(exchange, 404, "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"no\"}");
      return;
    }
    String name = exchange.getRequestHeaders().getFirst("Host");
    if (dead.contains(name)) {
      silence();
      return;
    }
    JsonNode transaction = Json.parse(exchange.getRequestBody().readAllBytes());
    Set<String> known = bodies.computeIfAbsent(name, n -> ConcurrentHashMap.newKeySet());
    for (JsonNode pdu : transaction.path("pdus")) {
      if (pdu.path("type").asText().equals("m.room.message")) {
        known.add(pdu.path("content").path("body").asText());
      }
    }
    RemoteServer.send(exchange, 200, "{\"pdus\":{}}");
  }

  private void silence() {
    try {
      boolean unused = end.await(1, TimeUnit.HOURS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many messages with this beginning a server has. */
  long count(String name, String prefix) {
    return bodies.getOrDefault(name, Set.of()).stream()
        .filter(body -> body.startsWith(prefix))
        .count();
  }
}
