package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** As much of a homeserver as the load needs, in memory; it can stall, lose and repeat messages. */
final class HomeserverFake implements AutoCloseable {
  private record Sent(String room, ObjectNode event) {}

  private final HttpServer http;
  private final List<Sent> timeline = new ArrayList<>();
  private final Map<String, Set<String>> members = new TreeMap<>();
  private int users;
  private int sends;
  private int stallOnSend = -1;
  private long stallMillis;
  private int loseSend = -1;
  private int doubleSend = -1;
  private int refuseFrom = -1;
  private int refuseUntil = -1;

  HomeserverFake() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", this::answer);
    http.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  /** The n-th message holds the whole server up for so long. */
  synchronized void stall(int n, long millis) {
    stallOnSend = n;
    stallMillis = millis;
  }

  /** The n-th message is acknowledged and never delivered. */
  synchronized void lose(int n) {
    loseSend = n;
  }

  /** The n-th message is delivered twice. */
  synchronized void repeat(int n) {
    doubleSend = n;
  }

  /** The n-th attempt to send and some that follow are answered with 503. */
  synchronized void refuse(int n, int attempts) {
    refuseFrom = n;
    refuseUntil = n + attempts;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      JsonNode json = body.length == 0 ? null : Homeserver.JSON.readTree(body);
      int[] status = {200};
      ObjectNode result = handle(exchange, json, status);
      byte[] bytes = Homeserver.JSON.writeValueAsBytes(result);
      exchange.sendResponseHeaders(status[0], bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized ObjectNode handle(HttpExchange exchange, JsonNode body, int[] status)
      throws InterruptedException {
    ObjectNode result = Homeserver.JSON.createObjectNode();
    String[] path = exchange.getRequestURI().getRawPath().split("/");
    String token = exchange.getRequestHeaders().getFirst("Authorization");
    switch (path[4]) {
      case "register" -> {
        if (!body.path("auth").has("session")) {
          status[0] = 401;
          return result.put("session", "s");
        }
        String user = "@u" + users++ + ":fake";
        result.put("user_id", user).put("access_token", user);
      }
      case "createRoom" -> {
        String room = "!room" + members.size() + ":fake";
        members.put(room, new HashSet<>(Set.of(token)));
        result.put("room_id", room);
      }
      case "rooms" -> {
        String room = URLDecoder.decode(path[5], StandardCharsets.UTF_8);
        if (path[6].equals("join")) {
          members.get(room).add(token);
        } else {
          status[0] = send(room, (ObjectNode) body, result);
        }
      }
      default -> sync(exchange, token, result);
    }
    return result;
  }

  private int send(String room, ObjectNode content, ObjectNode result) throws InterruptedException {
    int n = sends++;
    if (n >= refuseFrom && n < refuseUntil) {
      return 503;
    }
    if (n == stallOnSend) {
      TimeUnit.MILLISECONDS.sleep(stallMillis);
    }
    result.put("event_id", "$" + n);
    if (n == loseSend) {
      return 200;
    }
    ObjectNode event = Homeserver.JSON.createObjectNode();
    event.put("event_id", "$" + n);
    event.set("content", content);
    timeline.add(new Sent(room, event));
    if (n == doubleSend) {
      timeline.add(new Sent(room, event));
    }
    notifyAll();
    return 200;
  }

  private void sync(HttpExchange exchange, String token, ObjectNode result)
      throws InterruptedException {
    String query = exchange.getRequestURI().getQuery();
    int since = timeline.size();
    int at = query.indexOf("&since=");
    if (at >= 0) {
      since = Integer.parseInt(query.substring(at + "&since=".length()));
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (timeline.size() == since && System.nanoTime() < deadline) {
        wait(1_000);
      }
    }
    ObjectNode join = result.putObject("rooms").putObject("join");
    for (Sent sent : timeline.subList(since, timeline.size())) {
      if (members.get(sent.room()).contains(token)) {
        join.withObject("/" + sent.room())
            .withObject("/timeline")
            .withArray("/events")
            .add(sent.event());
      }
    }
    result.put("next_batch", Integer.toString(timeline.size()));
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
