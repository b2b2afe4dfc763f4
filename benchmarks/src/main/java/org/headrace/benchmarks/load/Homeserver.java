package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The client-server API of the server under load, as far as the load needs it. For many threads.
 */
final class Homeserver implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  /** For what a server may take minutes to do. */
  private static final Duration TIMEOUT_LONG = Duration.ofMinutes(15);

  private static final int LONG_POLL_MILLIS = 30_000;

  /** As clients of large rooms ask: members only of what is shown. */
  static final String LAZY_FILTER =
      "{\"presence\":{\"types\":[]},\"room\":{\"state\":{\"lazy_load_members\":true}}}";

  /** So that a burst between two syncs is not cut off. */
  private static final String FILTER =
      "{\"presence\":{\"types\":[]},\"room\":{\"timeline\":{\"limit\":1000},"
          + "\"ephemeral\":{\"types\":[]}}}";

  /** An answer other than 200. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;
    final int status;

    RefusedException(HttpRequest request, int status, String body) {
      super(request.method() + " " + request.uri().getPath() + ": " + status + " " + body);
      this.status = status;
    }
  }

  private final URI base;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .connectTimeout(Duration.ofSeconds(10))
          .build();

  Homeserver(URI base) {
    this.base = base;
  }

  /** Whether it answers by now. */
  boolean isServing() throws InterruptedException {
    try {
      HttpRequest versions = request("/_matrix/client/versions", null, "GET", null);
      return http.send(versions, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** Registers with dummy auth, in one step or with the session of a first answer. */
  Session register(int number, String username, java.util.List<Integer> rooms)
      throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    body.put("username", username).put("password", username + " password");
    body.putObject("auth").put("type", "m.login.dummy");
    HttpRequest first = request("/_matrix/client/v3/register", null, "POST", body);
    HttpResponse<byte[]> answer = http.send(first, HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() == 401) {
      JsonNode session = JSON.readTree(answer.body()).path("session");
      body.putObject("auth").put("type", "m.login.dummy").put("session", session.textValue());
      first = request("/_matrix/client/v3/register", null, "POST", body);
      answer = http.send(first, HttpResponse.BodyHandlers.ofByteArray());
    }
    JsonNode made = checked(first, answer);
    return new Session(
        number, made.path("user_id").textValue(), made.path("access_token").textValue(), rooms);
  }

  /** Makes a public room of the server's usual version, returns its id. */
  String createRoom(Session creator, String name) throws IOException, InterruptedException {
    return createRoom(creator, name, null);
  }

  String createRoom(Session creator, String name, @Nullable String version)
      throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("preset", "public_chat").put("name", name);
    if (version != null) {
      body.put("room_version", version);
    }
    return call("/_matrix/client/v3/createRoom", creator, "POST", body).path("room_id").textValue();
  }

  void join(Session user, String roomId) throws IOException, InterruptedException {
    call(
        "/_matrix/client/v3/rooms/" + encode(roomId) + "/join",
        user,
        "POST",
        JSON.createObjectNode());
  }

  /** Joins a room through a server that is in it; may take minutes. */
  void joinThrough(Session user, String roomId, String via)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(
            "/_matrix/client/v3/join/" + encode(roomId) + "?via=" + encode(via),
            user,
            "POST",
            JSON.createObjectNode(),
            TIMEOUT_LONG);
    JsonNode unused = checked(request, http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
  }

  /** Sends a text message; returns when it is acknowledged. */
  void send(Session user, String roomId, String txnId, String text)
      throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode().put("msgtype", "m.text").put("body", text);
    call(
        "/_matrix/client/v3/rooms/" + encode(roomId) + "/send/m.room.message/" + txnId,
        user,
        "PUT",
        body);
  }

  /** Sends an event, returns its id. */
  String sendEvent(Session user, String roomId, String txnId, Conversation.Said said)
      throws IOException, InterruptedException {
    String stateKey = said.stateKey();
    String path =
        stateKey == null
            ? "/send/" + said.type() + "/" + txnId
            : "/state/" + said.type() + "/" + encode(stateKey);
    String room = "/_matrix/client/v3/rooms/" + encode(roomId);
    return call(room + path, user, "PUT", said.content()).path("event_id").textValue();
  }

  /** Says that a user has read up to an event. */
  void read(Session user, String roomId, String eventId) throws IOException, InterruptedException {
    call(
        "/_matrix/client/v3/rooms/" + encode(roomId) + "/receipt/m.read/" + encode(eventId),
        user,
        "POST",
        JSON.createObjectNode());
  }

  /** Any other write; returns the event's id, where it makes one. */
  @Nullable String write(Session user, String method, String path, ObjectNode body)
      throws IOException, InterruptedException {
    return call("/_matrix/client/v3" + path, user, method, body).path("event_id").textValue();
  }

  /** The newest events of a room. */
  JsonNode messages(Session user, String roomId) throws IOException, InterruptedException {
    String room = "/_matrix/client/v3/rooms/" + encode(roomId);
    return call(room + "/messages?dir=b&limit=10", user, "GET", null);
  }

  /** Keeps a number in the user's account data. */
  void keep(Session user, long number) throws IOException, InterruptedException {
    call(
        "/_matrix/client/v3/user/" + encode(user.userId()) + "/account_data/org.example.kept",
        user,
        "PUT",
        JSON.createObjectNode().put("n", number));
  }

  /** A long poll, or the initial sync where {@code since} is null. */
  JsonNode sync(Session user, @Nullable String since) throws IOException, InterruptedException {
    return sync(user, since, FILTER);
  }

  JsonNode sync(Session user, @Nullable String since, String filter)
      throws IOException, InterruptedException {
    String path =
        "/_matrix/client/v3/sync?filter="
            + encode(filter)
            + (since == null ? "" : "&timeout=" + LONG_POLL_MILLIS + "&since=" + encode(since));
    return call(path, user, "GET", null);
  }

  private JsonNode call(
      String path, @Nullable Session user, String method, @Nullable ObjectNode body)
      throws IOException, InterruptedException {
    HttpRequest request = request(path, user, method, body);
    return checked(request, http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
  }

  private HttpRequest request(
      String path, @Nullable Session user, String method, @Nullable ObjectNode body)
      throws IOException {
    return request(path, user, method, body, TIMEOUT);
  }

  private HttpRequest request(
      String path,
      @Nullable Session user,
      String method,
      @Nullable ObjectNode body,
      Duration timeout)
      throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(timeout);
    if (user != null) {
      request.header("Authorization", "Bearer " + user.token());
    }
    if (body == null) {
      return request.method(method, HttpRequest.BodyPublishers.noBody()).build();
    }
    return request
        .header("Content-Type", "application/json")
        .method(method, HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
        .build();
  }

  private static JsonNode checked(HttpRequest request, HttpResponse<byte[]> answer)
      throws IOException {
    if (answer.statusCode() != 200) {
      throw new RefusedException(
          request, answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
    }
    return JSON.readTree(answer.body());
  }

  static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
