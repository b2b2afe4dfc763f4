package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;
import static org.headrace.conformance.client.Client.unique;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever a client sends, it gets the specification's error, and the server goes on serving. */
@ExtendWith(SharedServer.class)
class BadInputIT {
  private static final int EVENT_LIMIT_BYTES = 65_536;
  private static final int HUGE_BYTES = 10 * 1024 * 1024;
  private static final int SLOW_CONNECTIONS = 40;

  private static final String SEND = V3 + "/rooms/{room}/send/org.example.m/{txn}";
  private static final String STATE = V3 + "/rooms/{room}/state/org.example.s/k";
  private static final String DATA = V3 + "/user/{user}/account_data/org.example.d";
  private static final String NOT_JSON = "M_NOT_JSON";
  private static final String BAD_JSON = "M_BAD_JSON";
  private static final String MALFORMED = NOT_JSON + " " + BAD_JSON;
  private static final String BAD_ARGUMENT =
      BAD_JSON + " M_INVALID_PARAM M_MISSING_PARAM M_UNKNOWN";

  private Client alice;
  private Client bob;
  private Client nobody;
  private String room;
  private String foreign;
  private URI direct;

  @BeforeEach
  void prepare(SharedServer.Server server) {
    alice = Client.register(server.baseUrl(), "alice");
    bob = Client.register(server.baseUrl(), "bob");
    nobody = Client.nobody(server.baseUrl());
    room = alice.createRoom();
    foreign = bob.createRoom();
    direct = server.baseUrl();
  }

  /**
   * One line of the table.
   *
   * @param codes the errcodes that fit, apart by spaces
   */
  private record Line(
      String name, String method, String path, byte[] body, Set<Integer> statuses, String codes) {}

  private static Line line(
      String name, String method, String path, String body, int status, String codes) {
    return new Line(
        name, method, path, body.getBytes(StandardCharsets.UTF_8), Set.of(status), codes);
  }

  private static String nested(int depth) {
    return "{\"n\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
  }

  private static List<Line> malformed() {
    List<Line> lines = new ArrayList<>();
    Map<String, String> operations = new TreeMap<>();
    operations.put("PUT " + SEND, "send");
    operations.put("PUT " + STATE, "state");
    operations.put("PUT " + DATA, "account data");
    operations.put("POST " + V3 + "/createRoom", "createRoom");
    operations.put("POST " + V3 + "/login", "login");
    operations.put("POST " + V3 + "/register", "register");
    operations.put("POST " + V3 + "/user/{user}/filter", "filter");
    operations.put("POST " + V3 + "/keys/upload", "keys/upload");
    operations.put("POST " + V3 + "/keys/query", "keys/query");
    operations.put("POST " + V3 + "/keys/claim", "keys/claim");
    operations.put("POST " + V3 + "/keys/device_signing/upload", "keys/device_signing");
    operations.put("POST " + V3 + "/keys/signatures/upload", "keys/signatures");
    operations.put("PUT " + V3 + "/sendToDevice/m.x/{txn}", "sendToDevice");
    operations.put("POST " + V3 + "/rooms/{room}/invite", "invite");
    operations.put("POST " + V3 + "/rooms/{room}/kick", "kick");
    operations.put("POST " + V3 + "/rooms/{room}/ban", "ban");
    operations.put("PUT " + V3 + "/profile/{user}/displayname", "displayname");
    operations.put("PUT " + V3 + "/rooms/{room}/typing/{user}", "typing");
    operations.put("PUT " + V3 + "/devices/{device}", "device");
    operations.put("PUT " + V3 + "/directory/room/{alias}", "alias");
    operations.put("PUT " + V3 + "/rooms/{room}/redact/$none/{txn}", "redact");
    operations.put("POST " + V3 + "/rooms/{room}/receipt/m.read/$none", "receipt");
    operations.put("POST " + V3 + "/rooms/{room}/read_markers", "read_markers");
    operations.put("POST " + V3 + "/rooms/{room}/join", "join");
    operations.put("POST " + V3 + "/rooms/{room}/leave", "leave");
    operations.put("POST " + V3 + "/rooms/{room}/unban", "unban");
    operations.put("POST " + V3 + "/delete_devices", "delete_devices");
    operations.forEach(
        (operation, name) -> {
          String method = operation.split(" ")[0];
          String path = operation.split(" ")[1];
          lines.add(line(name + ": cut off", method, path, "{\"a\": ", 400, MALFORMED));
          lines.add(line(name + ": no JSON", method, path, "hello", 400, MALFORMED));
          lines.add(line(name + ": an array", method, path, "[1]", 400, MALFORMED));
          lines.add(line(name + ": two values", method, path, "{} {}", 400, MALFORMED));
          lines.add(
              new Line(
                  name + ": no UTF-8",
                  method,
                  path,
                  new byte[] {'{', '"', (byte) 0xC3, '"', ':', '1', '}'},
                  Set.of(400),
                  MALFORMED));
        });
    return lines;
  }

  private static List<Line> wrongTypes() {
    String create = V3 + "/createRoom";
    return List.of(
        line("createRoom: name", "POST", create, "{\"name\": 5}", 400, BAD_ARGUMENT),
        line("createRoom: invite", "POST", create, "{\"invite\": \"@a:b\"}", 400, BAD_ARGUMENT),
        line(
            "createRoom: invite of a number",
            "POST",
            create,
            "{\"invite\": [7]}",
            400,
            BAD_ARGUMENT),
        line(
            "createRoom: initial_state",
            "POST",
            create,
            "{\"initial_state\": {}}",
            400,
            BAD_ARGUMENT),
        line(
            "createRoom: initial_state without content",
            "POST",
            create,
            "{\"initial_state\": [{\"type\": \"m.x\"}]}",
            400,
            BAD_ARGUMENT),
        line(
            "createRoom: creation_content",
            "POST",
            create,
            "{\"creation_content\": []}",
            400,
            BAD_ARGUMENT),
        line(
            "createRoom: room_version",
            "POST",
            create,
            "{\"room_version\": 12}",
            400,
            BAD_ARGUMENT + " M_UNSUPPORTED_ROOM_VERSION"),
        line(
            "createRoom: alias with a colon",
            "POST",
            create,
            "{\"room_alias_name\": \"a:b\"}",
            400,
            BAD_ARGUMENT),
        line(
            "login: identifier",
            "POST",
            V3 + "/login",
            "{\"type\": \"m.login.password\", \"identifier\": \"x\", \"password\": \"y\"}",
            400,
            BAD_ARGUMENT),
        line("login: no type", "POST", V3 + "/login", "{}", 400, BAD_ARGUMENT),
        line(
            "register: username",
            "POST",
            V3 + "/register",
            "{\"username\": 5, \"password\": \"p\", \"auth\": {\"type\": \"m.login.dummy\"}}",
            400,
            BAD_ARGUMENT + " M_INVALID_USERNAME"),
        line("invite: nobody", "POST", V3 + "/rooms/{room}/invite", "{}", 400, BAD_ARGUMENT),
        line(
            "invite: a number",
            "POST",
            V3 + "/rooms/{room}/invite",
            "{\"user_id\": 7}",
            400,
            BAD_ARGUMENT),
        line(
            "invite: no user id",
            "POST",
            V3 + "/rooms/{room}/invite",
            "{\"user_id\": \"bob\"}",
            400,
            BAD_ARGUMENT),
        line(
            "kick: no user id",
            "POST",
            V3 + "/rooms/{room}/kick",
            "{\"user_id\": \"@\"}",
            400,
            BAD_ARGUMENT),
        line(
            "typing: word",
            "PUT",
            V3 + "/rooms/{room}/typing/{user}",
            "{\"typing\": \"yes\"}",
            400,
            BAD_ARGUMENT),
        line(
            "typing: timeout",
            "PUT",
            V3 + "/rooms/{room}/typing/{user}",
            "{\"typing\": true, \"timeout\": \"long\"}",
            400,
            BAD_ARGUMENT),
        line(
            "displayname: number",
            "PUT",
            V3 + "/profile/{user}/displayname",
            "{\"displayname\": 4}",
            400,
            BAD_ARGUMENT),
        line(
            "keys/query: list",
            "POST",
            V3 + "/keys/query",
            "{\"device_keys\": []}",
            400,
            BAD_ARGUMENT),
        line("keys/query: missing", "POST", V3 + "/keys/query", "{}", 400, BAD_ARGUMENT),
        line(
            "keys/claim: words",
            "POST",
            V3 + "/keys/claim",
            "{\"one_time_keys\": \"all\"}",
            400,
            BAD_ARGUMENT),
        line(
            "keys/upload: list",
            "POST",
            V3 + "/keys/upload",
            "{\"one_time_keys\": [1]}",
            400,
            BAD_ARGUMENT),
        line(
            "sendToDevice: number",
            "PUT",
            V3 + "/sendToDevice/m.x/{txn}",
            "{\"messages\": 1}",
            400,
            BAD_ARGUMENT),
        line(
            "sendToDevice: missing",
            "PUT",
            V3 + "/sendToDevice/m.x/{txn}",
            "{}",
            400,
            BAD_ARGUMENT),
        line(
            "filter: room",
            "POST",
            V3 + "/user/{user}/filter",
            "{\"room\": []}",
            400,
            BAD_ARGUMENT),
        line(
            "membership",
            "PUT",
            V3 + "/rooms/{room}/state/m.room.member/{user}",
            "{\"membership\": \"zombie\"}",
            400,
            BAD_ARGUMENT),
        line(
            "alias: room",
            "PUT",
            V3 + "/directory/room/{alias}",
            "{\"room_id\": 5}",
            400,
            BAD_ARGUMENT),
        line(
            "createRoom: power levels",
            "POST",
            create,
            "{\"power_level_content_override\": {\"users\": []}}",
            400,
            BAD_ARGUMENT + " M_INVALID_ROOM_STATE"),
        line(
            "redact: reason",
            "PUT",
            V3 + "/rooms/{room}/redact/$none/{txn}",
            "{\"reason\": 5}",
            400,
            BAD_ARGUMENT),
        line(
            "leave: reason",
            "POST",
            V3 + "/rooms/{room}/leave",
            "{\"reason\": 5}",
            400,
            BAD_ARGUMENT),
        line("unban: nobody", "POST", V3 + "/rooms/{room}/unban", "{}", 400, BAD_ARGUMENT),
        line(
            "read_markers: number",
            "POST",
            V3 + "/rooms/{room}/read_markers",
            "{\"m.fully_read\": 5}",
            400,
            BAD_ARGUMENT),
        line(
            "delete_devices: word",
            "POST",
            V3 + "/delete_devices",
            "{\"devices\": \"all\"}",
            400,
            BAD_ARGUMENT),
        line("sync: timeout", "GET", V3 + "/sync?timeout=soon", "", 400, BAD_ARGUMENT),
        line("sync: since", "GET", V3 + "/sync?since=%00%ff", "", 400, BAD_ARGUMENT),
        line(
            "messages: limit",
            "GET",
            V3 + "/rooms/{room}/messages?dir=b&limit=few",
            "",
            400,
            BAD_ARGUMENT),
        line("messages: dir", "GET", V3 + "/rooms/{room}/messages?dir=x", "", 400, BAD_ARGUMENT),
        line(
            "messages: filter",
            "GET",
            V3 + "/rooms/{room}/messages?dir=b&filter=%7B",
            "",
            400,
            BAD_ARGUMENT + " " + NOT_JSON));
  }

  private static List<Line> numbersAndStrings() {
    List<Line> lines = new ArrayList<>();
    Map<String, String> bodies = new TreeMap<>();
    bodies.put("integer above 2^53-1", "{\"n\": 9007199254740992}");
    bodies.put("integer below -2^53+1", "{\"n\": -9007199254740992}");
    bodies.put("integer of a hundred digits", "{\"n\": " + "9".repeat(100) + "}");
    bodies.put("float", "{\"n\": 1.5}");
    bodies.put("float deep inside", "{\"a\": [{\"b\": [0.1]}]}");
    bodies.put("exponent", "{\"n\": 1e400}");
    bodies.put("NaN", "{\"n\": NaN}");
    bodies.put("lone high surrogate", "{\"s\": \"\\ud800\"}");
    bodies.put("lone low surrogate in a key", "{\"\\udc00\": 1}");
    bodies.put("duplicate keys", "{\"a\": 1, \"a\": 2}");
    bodies.put("duplicate keys deep inside", "{\"a\": {\"b\": 1, \"b\": 1}}");
    bodies.put("deep nesting", nested(10_000));
    bodies.put("very deep nesting", nested(30_000));
    bodies.forEach(
        (name, body) -> {
          lines.add(line("event with " + name, "PUT", SEND, body, 400, MALFORMED));
          lines.add(line("state with " + name, "PUT", STATE, body, 400, MALFORMED));
        });
    lines.add(
        line(
            "initial state with float",
            "POST",
            V3 + "/createRoom",
            "{\"initial_state\": [{\"type\": \"m.x\", \"content\": {\"n\": 0.5}}]}",
            400,
            MALFORMED));
    lines.add(
        line(
            "account data with lone surrogate",
            "PUT",
            DATA,
            "{\"s\": \"\\ud800\"}",
            400,
            MALFORMED));
    lines.add(line("account data with deep nesting", "PUT", DATA, nested(20_000), 400, MALFORMED));
    byte[] surrogateBytes = "{\"s\": \"???\"}".getBytes(StandardCharsets.ISO_8859_1);
    int at = 7;
    surrogateBytes[at] = (byte) 0xED;
    surrogateBytes[at + 1] = (byte) 0xA0;
    surrogateBytes[at + 2] = (byte) 0x80;
    lines.add(
        new Line(
            "event with a surrogate as bytes",
            "PUT",
            SEND,
            surrogateBytes,
            Set.of(400),
            MALFORMED));
    return lines;
  }

  private static List<Line> sizes() {
    Set<Integer> tooLong = Set.of(400, 413);
    String codes = BAD_ARGUMENT + " M_TOO_LARGE";
    byte[] small = "{\"a\": 1}".getBytes(StandardCharsets.UTF_8);
    String big = "{\"body\": \"" + "x".repeat(EVENT_LIMIT_BYTES) + "\"}";
    String umlauts = "{\"body\": \"" + "ü".repeat(EVENT_LIMIT_BYTES / 2) + "\"}";
    return List.of(
        line("event above 65,536 bytes", "PUT", SEND, big, 413, "M_TOO_LARGE"),
        line("event above 65,536 bytes of UTF-8", "PUT", SEND, umlauts, 413, "M_TOO_LARGE"),
        line("state above 65,536 bytes", "PUT", STATE, big, 413, "M_TOO_LARGE"),
        new Line(
            "event type of 256 bytes",
            "PUT",
            V3 + "/rooms/{room}/send/" + "t".repeat(256) + "/{txn}",
            small,
            tooLong,
            codes),
        new Line(
            "state key of 256 bytes",
            "PUT",
            V3 + "/rooms/{room}/state/m.x/" + "k".repeat(256),
            small,
            tooLong,
            codes),
        new Line(
            "invited user id of 300 bytes",
            "POST",
            V3 + "/rooms/{room}/invite",
            ("{\"user_id\": \"@" + "u".repeat(300) + ":example.org\"}")
                .getBytes(StandardCharsets.UTF_8),
            tooLong,
            codes),
        new Line(
            "alias of 300 bytes",
            "POST",
            V3 + "/createRoom",
            ("{\"room_alias_name\": \"" + "a".repeat(300) + "\"}").getBytes(StandardCharsets.UTF_8),
            tooLong,
            codes),
        line(
            "10 MB event",
            "PUT",
            SEND,
            "{\"body\": \"" + "x".repeat(HUGE_BYTES) + "\"}",
            413,
            "M_TOO_LARGE"),
        line(
            "10 MB createRoom",
            "POST",
            V3 + "/createRoom",
            "{\"name\": \"" + "x".repeat(HUGE_BYTES) + "\"}",
            413,
            "M_TOO_LARGE"),
        line(
            "10 MB of account data",
            "PUT",
            DATA,
            "{\"body\": \"" + "x".repeat(HUGE_BYTES) + "\"}",
            413,
            "M_TOO_LARGE"),
        line(
            "10 MB of brackets",
            "POST",
            V3 + "/login",
            "[".repeat(HUGE_BYTES),
            413,
            "M_TOO_LARGE"));
  }

  private static List<Line> otherPeoplesRooms() {
    String message = "{\"msgtype\": \"m.text\", \"body\": \"x\"}";
    String target = "{\"user_id\": \"{user}\"}";
    return List.of(
        line(
            "foreign room: send",
            "PUT",
            V3 + "/rooms/{foreign}/send/m.room.message/{txn}",
            message,
            403,
            "M_FORBIDDEN"),
        line(
            "foreign room: state",
            "PUT",
            V3 + "/rooms/{foreign}/state/m.room.name/",
            "{\"name\": \"x\"}",
            403,
            "M_FORBIDDEN"),
        line(
            "foreign room: read state",
            "GET",
            V3 + "/rooms/{foreign}/state",
            "",
            403,
            "M_FORBIDDEN"),
        line(
            "foreign room: messages",
            "GET",
            V3 + "/rooms/{foreign}/messages?dir=b",
            "",
            403,
            "M_FORBIDDEN"),
        line(
            "foreign room: members",
            "GET",
            V3 + "/rooms/{foreign}/members",
            "",
            403,
            "M_FORBIDDEN"),
        line("foreign room: join", "POST", V3 + "/rooms/{foreign}/join", "{}", 403, "M_FORBIDDEN"),
        line(
            "foreign room: invite",
            "POST",
            V3 + "/rooms/{foreign}/invite",
            target,
            403,
            "M_FORBIDDEN"),
        line(
            "foreign room: kick", "POST", V3 + "/rooms/{foreign}/kick", target, 403, "M_FORBIDDEN"),
        line("foreign room: ban", "POST", V3 + "/rooms/{foreign}/ban", target, 403, "M_FORBIDDEN"),
        line(
            "foreign room: typing",
            "PUT",
            V3 + "/rooms/{foreign}/typing/{user}",
            "{\"typing\": true}",
            403,
            "M_FORBIDDEN"),
        new Line(
            "no room id: state",
            "GET",
            V3 + "/rooms/nonsense/state",
            new byte[0],
            Set.of(400, 403, 404),
            "M_FORBIDDEN M_NOT_FOUND M_INVALID_PARAM"),
        new Line(
            "no room id: send",
            "PUT",
            V3 + "/rooms/nonsense/send/m.x/{txn}",
            "{}".getBytes(),
            Set.of(400, 403, 404),
            "M_FORBIDDEN M_NOT_FOUND M_INVALID_PARAM"));
  }

  private String fill(String template) {
    return template
        .replace("{room}", Client.encode(room))
        .replace("{foreign}", Client.encode(foreign))
        .replace("{user}", Client.encode(alice.userId()))
        .replace("{device}", Client.encode(alice.deviceId()))
        .replace("{alias}", Client.encode("#" + unique("a") + ":" + alice.serverName()))
        .replace("{txn}", unique("t"));
  }

  @TestFactory
  Stream<DynamicTest> everyLineGetsItsError() {
    List<Line> lines = new ArrayList<>(malformed());
    lines.addAll(wrongTypes());
    lines.addAll(numbersAndStrings());
    lines.addAll(sizes());
    lines.addAll(otherPeoplesRooms());
    return lines.stream().map(line -> DynamicTest.dynamicTest(line.name(), () -> check(line)));
  }

  private void check(Line line) {
    byte[] body = line.body();
    if (new String(body, StandardCharsets.ISO_8859_1).contains("{user}")) {
      body =
          new String(body, StandardCharsets.UTF_8)
              .replace("{user}", alice.userId())
              .getBytes(StandardCharsets.UTF_8);
    }
    Reply reply =
        line.method().equals("GET")
            ? alice.get(fill(line.path()))
            : alice.send(line.method(), fill(line.path()), body);
    assertThat(line.statuses()).as(reply.toString()).contains(reply.status());
    assertThat(List.of(line.codes().split(" ")))
        .as(reply.toString())
        .contains(Json.parse(reply.text()).path("errcode").asText());
    alice.get(V3 + "/account/whoami").ok();
  }

  @Test
  void whatOnlyLooksBadIsTaken() {
    alice
        .put(fill(DATA), Json.parse("{\"n\": 1.5, \"big\": 1e300, \"i\": 90071992547409920}"))
        .ok();
    alice
        .send("PUT", fill(SEND), "{\"n\": 9007199254740991, \"m\": -9007199254740991}".getBytes())
        .ok();
    alice
        .send(
            "PUT", fill(SEND), "{\"pair\": \"\\ud83d\\ude00\", \"nested\": [[[[{}]]]]}".getBytes())
        .ok();
    String nearLimit = "{\"body\": \"" + "x".repeat(60_000) + "\"}";
    alice.send("PUT", fill(SEND), nearLimit.getBytes()).ok();
    alice
        .send("PUT", fill(V3 + "/rooms/{room}/send/" + "t".repeat(255) + "/{txn}"), "{}".getBytes())
        .ok();
    alice.messages(room, "dir=b&limit=100000").ok();
    assertThat(alice.sync().at("/rooms/join").has(room)).isTrue();
  }

  @Test
  void tokensThatAreNoneOrNoMore() {
    Client gone = alice.login();
    gone.post(V3 + "/logout", Json.object()).ok();
    for (String operation :
        List.of("/sync", "/joined_rooms", "/devices", "/account/whoami", "/pushrules/")) {
      nobody.get(V3 + operation).fails(401, "M_MISSING_TOKEN");
      nobody.withToken("made-up").get(V3 + operation).fails(401, "M_UNKNOWN_TOKEN");
      gone.get(V3 + operation).fails(401, "M_UNKNOWN_TOKEN");
    }
    nobody.withToken("x".repeat(5000)).get(V3 + "/sync").fails(401, "M_UNKNOWN_TOKEN");
    gone.send("PUT", fill(SEND), "{}".getBytes()).fails(401, "M_UNKNOWN_TOKEN");
    gone.post(V3 + "/createRoom", Json.object()).fails(401, "M_UNKNOWN_TOKEN");
    // An unknown token is told before a malformed body.
    assertThat(gone.send("POST", V3 + "/createRoom", "{".getBytes()).status()).isIn(400, 401);
    assertThat(alice.get(V3 + "/joined_rooms").ok().path("joined_rooms").toString()).contains(room);
  }

  @Test
  void aHugeBodyWithoutALengthIsRefused() {
    byte[] huge =
        ("{\"body\": \"" + "x".repeat(HUGE_BYTES) + "\"}").getBytes(StandardCharsets.UTF_8);
    Reply reply =
        alice.send(
            "PUT",
            fill(SEND),
            HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(huge)));
    reply.fails(413, "M_TOO_LARGE");
    alice.say(room, "still here");
  }

  @Test
  void slowBodiesHoldNobodyUp(SharedServer.Server server) throws IOException {
    URI target = server.process().map(process -> process.baseUrl()).orElse(direct);
    List<Socket> slow = new ArrayList<>();
    try {
      for (int n = 0; n < SLOW_CONNECTIONS; n++) {
        Socket socket = new Socket(target.getHost(), target.getPort());
        slow.add(socket);
        String head =
            "PUT "
                + fill(SEND)
                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + alice.token()
                + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"body\": \"";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
      }
      Client straight = alice.at(target);
      for (int n = 0; n < 10; n++) {
        straight.say(room, "past the slow ones");
      }
      for (Socket socket : slow) {
        socket.getOutputStream().write('x');
        socket.getOutputStream().flush();
      }
      straight.sync();
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    alice.say(room, "after the slow ones");
  }

  @Test
  void requestsThatAreHardlyHttp(SharedServer.Server server) throws IOException {
    URI target = server.process().map(process -> process.baseUrl()).orElse(direct);
    List<String> requests =
        List.of(
            "GET /_matrix/client/v3/rooms/%zz/state HTTP/1.1",
            "GET /_matrix/client/v3/sync?since=%zz HTTP/1.1",
            "GET /_matrix/client/v3/rooms/%00/state HTTP/1.1",
            "GET /_matrix/client/../../etc/passwd HTTP/1.1",
            "GET /" + "x".repeat(20_000) + " HTTP/1.1",
            "NONSENSE");
    for (String request : requests) {
      String line = firstLine(target, request);
      assertThat(line).as(request).doesNotContain(" 500").doesNotContain(" 200");
    }
    alice.get(V3 + "/account/whoami").ok();
  }

  /** The status line of the answer, or nothing if the server just closed. */
  private String firstLine(URI target, String requestLine) throws IOException {
    try (Socket socket = new Socket(target.getHost(), target.getPort())) {
      socket.setSoTimeout(20_000);
      String head =
          requestLine
              + "\r\nHost: localhost\r\nAuthorization: Bearer "
              + alice.token()
              + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
        line.append((char) c);
      }
      return line.toString();
    }
  }

  @Test
  void aStrangerLearnsNothingFromAliases() {
    Client stranger = bob;
    stranger.put(
        path(V3 + "/directory/room/{}", "#x:unknown.example"), Json.object("room_id", foreign));
    assertThat(
            stranger
                .put(
                    path(V3 + "/directory/room/{}", "#x:unknown.example"),
                    Json.object("room_id", foreign))
                .status())
        .isEqualTo(400);
  }
}
