package org.headrace.conformance.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * One device of one user, or nobody, talking plain client-server API. What the specification calls
 * an operation is a method here only where tests need it often. Safe for many threads, except
 * {@link #syncUntil}.
 */
public final class Client {
  public static final String V3 = "/_matrix/client/v3";
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(120);
  private static final Duration SYNC_DEADLINE = Duration.ofSeconds(30);
  private static final AtomicLong UNIQUE = new AtomicLong();
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  private final URI baseUrl;
  private final Optional<String> host;
  private final String token;
  private final String userId;
  private final String deviceId;
  private String since = "";

  private Client(URI baseUrl, Optional<String> host, String token, String userId, String deviceId) {
    this.baseUrl = baseUrl;
    this.host = host;
    this.token = token;
    this.userId = userId;
    this.deviceId = deviceId;
  }

  /** Without a token. */
  public static Client nobody(URI baseUrl) {
    return new Client(baseUrl, Optional.empty(), "", "", "");
  }

  /** Without a token, naming a Host: its tenant. */
  public static Client nobodyAt(URI baseUrl, String host) {
    return new Client(baseUrl, Optional.of(host), "", "", "");
  }

  /** A word that no other test uses. */
  public static String unique(String word) {
    return word
        + "-"
        + UUID.randomUUID().toString().substring(0, 8)
        + "-"
        + UNIQUE.incrementAndGet();
  }

  /** A new user with a first device. */
  public static Client register(URI baseUrl, String name) {
    return nobody(baseUrl).register(unique(name));
  }

  public Client register(String username) {
    ObjectNode body =
        Json.object(
            "username", username,
            "password", password(username),
            "auth", Json.object("type", "m.login.dummy"));
    return session(post(V3 + "/register", body).ok());
  }

  /** Another device of the same user. */
  public Client login() {
    return session(loginRequest(localpart(), password(localpart())).ok());
  }

  public Reply loginRequest(String user, String password) {
    return post(
        V3 + "/login",
        Json.object(
            "type",
            "m.login.password",
            "identifier",
            Json.object("type", "m.id.user", "user", user),
            "password",
            password));
  }

  public static String password(String username) {
    return "password of " + username;
  }

  private Client session(JsonNode answer) {
    return new Client(
        baseUrl,
        host,
        answer.path("access_token").asText(),
        answer.path("user_id").asText(),
        answer.path("device_id").asText());
  }

  /** The same place with another token. */
  public Client withToken(String other) {
    return new Client(baseUrl, host, other, userId, deviceId);
  }

  /** The same device at another address (past the proxy, or after a move). */
  public Client at(URI other) {
    return new Client(other, host, token, userId, deviceId);
  }

  public String token() {
    return token;
  }

  public String userId() {
    return userId;
  }

  public String deviceId() {
    return deviceId;
  }

  public String localpart() {
    return userId.substring(1, userId.indexOf(':'));
  }

  public String serverName() {
    return userId.substring(userId.indexOf(':') + 1);
  }

  public URI baseUrl() {
    return baseUrl;
  }

  // Requests.

  /** Fills each {@code {}} of the template with a percent-encoded value. */
  public static String path(String template, String... values) {
    String path = template;
    for (String value : values) {
      String encoded = URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
      int at = path.indexOf("{}");
      path = path.substring(0, at) + encoded + path.substring(at + 2);
    }
    return path;
  }

  public Reply get(String path) {
    return send("GET", path, HttpRequest.BodyPublishers.noBody());
  }

  public Reply delete(String path) {
    return send("DELETE", path, HttpRequest.BodyPublishers.noBody());
  }

  public Reply post(String path, JsonNode body) {
    return send("POST", path, HttpRequest.BodyPublishers.ofString(body.toString()));
  }

  public Reply put(String path, JsonNode body) {
    return send("PUT", path, HttpRequest.BodyPublishers.ofString(body.toString()));
  }

  public Reply send(String method, String path, byte[] body) {
    return send(method, path, HttpRequest.BodyPublishers.ofByteArray(body));
  }

  public Reply send(String method, String path, HttpRequest.BodyPublisher body) {
    try {
      return reply(
          HTTP.send(request(method, path, body), HttpResponse.BodyHandlers.ofString()),
          method,
          path);
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public CompletableFuture<Reply> getAsync(String path) {
    return HTTP.sendAsync(
            request("GET", path, HttpRequest.BodyPublishers.noBody()),
            HttpResponse.BodyHandlers.ofString())
        .thenApply(response -> reply(response, "GET", path));
  }

  private HttpRequest request(String method, String path, HttpRequest.BodyPublisher body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(baseUrl + path))
            .timeout(REQUEST_TIMEOUT)
            .method(method, body);
    if (!method.equals("GET")) {
      request.header("Content-Type", "application/json");
    }
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    host.ifPresent(name -> request.header("Host", name));
    return request.build();
  }

  private Reply reply(HttpResponse<String> response, String method, String path) {
    return new Reply(
        userId + " " + method + " " + path,
        response.statusCode(),
        response.headers(),
        response.body());
  }

  // Rooms.

  public String createRoom(Object... namesAndValues) {
    return post(V3 + "/createRoom", Json.object(namesAndValues)).ok().path("room_id").asText();
  }

  public Reply membership(String verb, String roomId, Object... namesAndValues) {
    return post(path(V3 + "/rooms/{}/" + verb, roomId), Json.object(namesAndValues));
  }

  public void invite(String roomId, Client other) {
    membership("invite", roomId, "user_id", other.userId()).ok();
  }

  public void join(String roomId) {
    membership("join", roomId).ok();
  }

  public Reply send(String roomId, String type, String transaction, JsonNode content) {
    return put(path(V3 + "/rooms/{}/send/{}/{}", roomId, type, transaction), content);
  }

  /** Sends a text under a transaction id of its own and gives the event id. */
  public String say(String roomId, String text) {
    return send(roomId, "m.room.message", unique("t"), text(text)).ok().path("event_id").asText();
  }

  public static ObjectNode text(String text) {
    return Json.object("msgtype", "m.text", "body", text);
  }

  public Reply state(String roomId, String type, String key, JsonNode content) {
    return put(path(V3 + "/rooms/{}/state/{}/{}", roomId, type, key), content);
  }

  public Reply state(String roomId, String type, String key) {
    return get(path(V3 + "/rooms/{}/state/{}/{}", roomId, type, key));
  }

  public Reply messages(String roomId, String query) {
    return get(path(V3 + "/rooms/{}/messages?", roomId) + query);
  }

  // Sync.

  public Reply syncRequest(String query) {
    return get(V3 + "/sync?" + query);
  }

  /** The next /sync after the last one of this client, at once. */
  public JsonNode sync() {
    return sync("timeout=0");
  }

  public JsonNode sync(String query) {
    JsonNode answer = syncRequest(query + (since.isEmpty() ? "" : "&since=" + encode(since))).ok();
    since = answer.path("next_batch").asText();
    return answer;
  }

  /** Syncs on until an answer has what is wanted, and gives that answer. */
  public JsonNode syncUntil(String what, Predicate<JsonNode> wanted) {
    long end = System.nanoTime() + SYNC_DEADLINE.toNanos();
    JsonNode last = Json.object();
    while (System.nanoTime() < end) {
      last = sync("timeout=1000");
      if (wanted.test(last)) {
        return last;
      }
    }
    throw new AssertionError(userId + " never saw " + what + " in /sync; last: " + last);
  }

  public String since() {
    return since;
  }

  public void since(String token) {
    since = token;
  }

  public static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
