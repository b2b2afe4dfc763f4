package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.RemoteServer;

/**
 * A public room of many members on many servers, as the server that lets others join it holds it:
 * each member event is signed by the member's server, and every fifth member has changed their name
 * since they joined, so that their join is in the auth chain only.
 */
final class LargeRoom {
  private static final RoomVersion VERSION = RoomVersion.find("11").orElseThrow();
  private static final int RENAMED_EACH = 5;

  private final Neighbour resident;
  private final UserId creator;
  private final RoomId room;
  private final List<byte[]> state = new ArrayList<>();
  private final List<byte[]> chain = new ArrayList<>();
  private final List<EventId> common = new ArrayList<>();
  private EventId last = new EventId("$none");
  private long depth;

  LargeRoom(List<Neighbour> servers, int members) {
    resident = servers.getFirst();
    creator = UserId.of("creator", resident.name());
    room = new RoomId("!large:" + resident.name());
    Pdu create = inState(event(resident, creator, "m.room.create", "", version(), List.of()), true);
    Pdu first =
        event(resident, creator, "m.room.member", creator.value(), join(), List.of(create.id()));
    inState(first, true);
    ObjectNode levels = Json.object();
    levels.putObject("users").put(creator.value(), 100);
    Pdu power =
        event(
            resident, creator, "m.room.power_levels", "", levels, List.of(create.id(), first.id()));
    inState(power, true);
    List<EventId> byCreator = List.of(create.id(), power.id(), first.id());
    ObjectNode open = Json.object().put("join_rule", "public");
    Pdu rules = inState(event(resident, creator, "m.room.join_rules", "", open, byCreator), true);
    ObjectNode name = Json.object().put("name", "Large");
    inState(event(resident, creator, "m.room.name", "", name, byCreator), false);
    common.addAll(List.of(create.id(), power.id(), rules.id()));
    for (int n = 1; n < members; n++) {
      member(servers.get(n % servers.size()), n);
    }
  }

  private void member(Neighbour server, int number) {
    UserId user = UserId.of("member" + number, server.name());
    Pdu joins = event(server, user, "m.room.member", user.value(), named(number, ""), common);
    if (number % RENAMED_EACH != 0) {
      inState(joins, false);
      return;
    }
    chain.add(Json.bytes(joins.json()));
    List<EventId> auth = new ArrayList<>(common);
    auth.add(joins.id());
    inState(
        event(server, user, "m.room.member", user.value(), named(number, " renamed"), auth), false);
  }

  private static ObjectNode named(int number, String more) {
    return join().put("displayname", "Member " + number + more);
  }

  private static ObjectNode join() {
    return Json.object().put("membership", "join");
  }

  private static ObjectNode version() {
    return Json.object().put("room_version", VERSION.id());
  }

  RoomId id() {
    return room;
  }

  String via() {
    return resident.name().value();
  }

  /** Entries of its state, and events that are in the auth chain only. */
  String size() {
    return state.size()
        + " state events, "
        + (chain.size() - common.size() - 1)
        + " more in the auth chain";
  }

  private Pdu event(
      Neighbour server,
      UserId sender,
      String type,
      String stateKey,
      ObjectNode content,
      List<EventId> auth) {
    ObjectNode json =
        Json.object()
            .put("type", type)
            .put("room_id", room.value())
            .put("sender", sender.value())
            .put("state_key", stateKey)
            .put("depth", depth + 1)
            .put("origin_server_ts", 1_700_000_000_000L + depth);
    json.set("content", content);
    ArrayNode prev = json.putArray("prev_events");
    if (depth > 0) {
      prev.add(last.value());
    }
    ArrayNode auths = json.putArray("auth_events");
    auth.forEach(id -> auths.add(id.value()));
    Pdu signed = server.sign(json, VERSION);
    last = signed.id();
    depth++;
    return signed;
  }

  private Pdu inState(Pdu event, boolean inChain) {
    byte[] bytes = Json.bytes(event.json());
    state.add(bytes);
    if (inChain) {
      chain.add(bytes);
    }
    return event;
  }

  /** What its servers answer: joins and transactions; all else they do not know. */
  void handle(HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getRawPath().split("/", -1);
    String operation = path.length > 4 ? path[4] : "";
    switch (operation) {
      case "make_join" -> {
        UserId user = new UserId(URLDecoder.decode(path[6], StandardCharsets.UTF_8));
        RemoteServer.send(exchange, 200, text(template(user)));
      }
      case "send_join" ->
          answer(exchange, (ObjectNode) Json.parse(exchange.getRequestBody().readAllBytes()));
      case "send" -> RemoteServer.send(exchange, 200, "{\"pdus\":{}}");
      default -> RemoteServer.send(exchange, 404, "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"no\"}");
    }
  }

  private ObjectNode template(UserId user) {
    ObjectNode event =
        Json.object()
            .put("type", "m.room.member")
            .put("room_id", room.value())
            .put("sender", user.value())
            .put("state_key", user.value())
            .put("depth", depth + 1);
    event.set("content", join());
    event.putArray("prev_events").add(last.value());
    ArrayNode auth = event.putArray("auth_events");
    common.forEach(id -> auth.add(id.value()));
    return Json.object().put("room_version", VERSION.id()).set("event", event);
  }

  private void answer(HttpExchange exchange, ObjectNode join) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16);
    out.write(
        "{\"origin\":\"%s\",\"auth_chain\":".formatted(via()).getBytes(StandardCharsets.UTF_8));
    array(out, chain);
    out.write(",\"state\":".getBytes(StandardCharsets.UTF_8));
    array(out, state);
    out.write(",\"event\":".getBytes(StandardCharsets.UTF_8));
    out.write(Json.bytes(EventSignatures.sign(join, VERSION, resident.name(), resident.key())));
    out.write('}');
    out.flush();
  }

  private static void array(OutputStream out, List<byte[]> events) throws IOException {
    out.write('[');
    for (int n = 0; n < events.size(); n++) {
      if (n > 0) {
        out.write(',');
      }
      out.write(events.get(n));
    }
    out.write(']');
  }

  private static String text(JsonNode json) {
    return new String(Json.bytes(json), StandardCharsets.UTF_8);
  }
}
