package org.headrace.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.fixture.RemoteServer;

/**
 * Another homeserver on a loopback address, over HTTPS: serves its keys and one room, and lets a
 * test say otherwise for any path.
 */
final class NeighbourServer implements AutoCloseable {
  /** What a test says of a path. */
  interface Answer {
    Reply to(Asked asked);
  }

  record Asked(String path, Map<String, List<String>> query, JsonNode body) {
    String segment(int index) {
      return decode(path.split("/", -1)[index]);
    }
  }

  record Reply(int status, JsonNode json) {}

  private final RemoteServer https;
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Neighbour self;
  private RoomBuilder room;

  NeighbourServer(int seed) {
    https =
        new RemoteServer(FakeServer.AUTHORITY.serverFor("127.0.0.1"), exchange -> handle(exchange));
    self = Neighbour.of("127.0.0.1:" + https.port(), seed);
  }

  ServerName name() {
    return self.name();
  }

  Neighbour self() {
    return self;
  }

  UserId user(String localpart) {
    return UserId.of(localpart, name());
  }

  void hold(RoomBuilder held) {
    room = held;
  }

  /** From now on paths with this operation are answered so. */
  void answer(String operation, Answer answer) {
    answers.put(operation, answer);
  }

  void refuse(String operation, int status, String errcode) {
    answer(
        operation,
        asked -> new Reply(status, Json.object().put("errcode", errcode).put("error", "no")));
  }

  long asked(String operation) {
    return https.requests().stream()
        .filter(request -> request.uri().contains("/" + operation))
        .count();
  }

  static Reply ok(JsonNode json) {
    return new Reply(200, json);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    RemoteServer.Request request = https.requests().getLast();
    JsonNode body =
        request.body().isEmpty()
            ? Json.object()
            : Json.parse(request.body().getBytes(StandardCharsets.UTF_8));
    Reply reply;
    try {
      reply = reply(new Asked(path, query(exchange.getRequestURI().getRawQuery()), body));
    } catch (RuntimeException e) {
      reply = new Reply(500, Json.object().put("errcode", "M_UNKNOWN").put("error", "" + e));
    }
    RemoteServer.send(
        exchange, reply.status(), new String(Json.bytes(reply.json()), StandardCharsets.UTF_8));
  }

  private Reply reply(Asked asked) {
    if (asked.path().equals("/_matrix/key/v2/server")) {
      return ok(keys());
    }
    String operation = asked.segment(4);
    Answer answer = answers.get(operation);
    if (answer != null) {
      return answer.to(asked);
    }
    return switch (operation) {
      case "make_join" -> ok(template(new UserId(asked.segment(6)), "join"));
      case "make_leave" -> ok(template(new UserId(asked.segment(6)), "leave"));
      case "make_knock" -> ok(template(new UserId(asked.segment(6)), "knock"));
      case "send_join" -> ok(joined((ObjectNode) asked.body()));
      case "send_leave" -> ok(Json.object());
      case "send_knock" -> ok(Json.object().set("knock_room_state", stripped()));
      case "event" -> ok(Json.object().set("pdus", array(List.of(event(asked.segment(5))))));
      case "event_auth" ->
          ok(Json.object().set("auth_chain", array(chain(List.of(event(asked.segment(6)))))));
      case "state_ids" -> ok(stateIds(event(asked.query().get("event_id").getFirst())));
      case "state" -> ok(state(event(asked.query().get("event_id").getFirst())));
      case "get_missing_events" -> ok(Json.object().set("events", array(missing(asked.body()))));
      case "backfill" -> ok(Json.object().set("pdus", array(backfill(asked))));
      default -> new Reply(404, Json.object().put("errcode", "M_UNRECOGNIZED"));
    };
  }

  private ObjectNode keys() {
    ObjectNode keys = Json.object().put("server_name", name().value());
    keys.putObject("verify_keys")
        .putObject(self.key().keyId())
        .put("key", self.key().publicKeyBase64());
    keys.putObject("old_verify_keys");
    keys.put("valid_until_ts", System.currentTimeMillis() + 86_400_000L);
    return JsonSigner.sign(keys, name().value(), self.key());
  }

  private ObjectNode template(UserId user, String membership) {
    ObjectNode event =
        Json.object()
            .put("type", "m.room.member")
            .put("room_id", room.roomId().value())
            .put("sender", user.value())
            .put("state_key", user.value())
            .put("depth", room.events().size() + 1);
    event.putObject("content").put("membership", membership);
    ArrayNode prev = event.putArray("prev_events");
    room.extremities().forEach(id -> prev.add(id.value()));
    ArrayNode auth = event.putArray("auth_events");
    for (StateKey key : List.of(StateKey.POWER_LEVELS, StateKey.JOIN_RULES)) {
      auth.add(room.currentState().get(key).value());
    }
    return Json.object().put("room_version", room.version().id()).set("event", event);
  }

  private ObjectNode joined(ObjectNode join) {
    List<Pdu> state = room.currentState().values().stream().map(room::event).toList();
    ObjectNode answer = Json.object();
    answer.set("state", array(state));
    answer.set("auth_chain", array(chain(state)));
    answer.set("event", EventSignatures.sign(join, room.version(), name(), self.key()));
    return answer;
  }

  ArrayNode stripped() {
    return array(List.of(room.create()));
  }

  private Pdu event(String id) {
    return room.event(new EventId(id));
  }

  private List<Pdu> chain(Collection<Pdu> of) {
    SortedMap<EventId, Pdu> chain = new TreeMap<>();
    List<Pdu> open = new ArrayList<>(of);
    while (!open.isEmpty()) {
      for (EventId auth : open.removeLast().authEvents()) {
        if (chain.putIfAbsent(auth, room.event(auth)) == null) {
          open.add(room.event(auth));
        }
      }
    }
    return List.copyOf(chain.values());
  }

  private ObjectNode stateIds(Pdu event) {
    ObjectNode answer = Json.object();
    ArrayNode ids = answer.putArray("pdu_ids");
    List<Pdu> state = stateBefore(event);
    state.forEach(entry -> ids.add(entry.id().value()));
    ArrayNode chain = answer.putArray("auth_chain_ids");
    chain(state).forEach(entry -> chain.add(entry.id().value()));
    return answer;
  }

  private ObjectNode state(Pdu event) {
    ObjectNode answer = Json.object();
    List<Pdu> state = stateBefore(event);
    answer.set("pdus", array(state));
    answer.set("auth_chain", array(chain(state)));
    return answer;
  }

  private List<Pdu> stateBefore(Pdu event) {
    return room.stateBefore(event.prevEvents()).values().stream().map(room::event).toList();
  }

  /** Breadth first from the latest, newest first, as servers do. */
  private List<Pdu> missing(JsonNode body) {
    TreeSet<EventId> seen = new TreeSet<>();
    body.path("earliest_events").forEach(id -> seen.add(new EventId(id.asText())));
    List<Pdu> open = new ArrayList<>();
    body.path("latest_events").forEach(id -> open.add(event(id.asText())));
    List<Pdu> found = new ArrayList<>();
    while (!open.isEmpty() && found.size() < Math.min(10, body.path("limit").asInt())) {
      for (EventId prev : open.removeFirst().prevEvents()) {
        if (seen.add(prev)) {
          found.addFirst(room.event(prev));
          open.add(room.event(prev));
        }
      }
    }
    return found;
  }

  private List<Pdu> backfill(Asked asked) {
    List<Pdu> found = new ArrayList<>();
    List<Pdu> open = new ArrayList<>();
    asked.query().get("v").forEach(id -> open.add(event(id)));
    TreeSet<EventId> seen = new TreeSet<>();
    int limit = Integer.parseInt(asked.query().get("limit").getFirst());
    while (!open.isEmpty() && found.size() < limit) {
      Pdu next = open.removeFirst();
      if (seen.add(next.id())) {
        found.add(next);
        next.prevEvents().forEach(prev -> open.add(room.event(prev)));
      }
    }
    return found;
  }

  private ArrayNode array(Collection<Pdu> events) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    events.forEach(event -> array.add(signed(event)));
    return array;
  }

  /** The event with the signature of its sender's server, where that is this one. */
  ObjectNode signed(Pdu event) {
    return event.sender().server().equals(name())
        ? EventSignatures.sign(event.json(), room.version(), name(), self.key())
        : EventSignatures.sign(event.json(), room.version(), FakeServer.ONE, FakeServer.KEY);
  }

  RoomId roomId() {
    return room.roomId();
  }

  private static Map<String, List<String>> query(String raw) {
    Map<String, List<String>> query = new TreeMap<>();
    if (raw != null) {
      for (String part : raw.split("&")) {
        int equals = part.indexOf('=');
        query
            .computeIfAbsent(part.substring(0, equals), name -> new ArrayList<>())
            .add(decode(part.substring(equals + 1)));
      }
    }
    return query;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    https.close();
  }
}
