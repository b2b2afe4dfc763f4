package org.headrace.stateres.room;

import static org.headrace.stateres.room.RoomFixture.TS;
import static org.headrace.stateres.room.RoomFixture.membership;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;

/** A public room of Zoe's on another server, with Yan of a third one, as those have it. */
final class FarRoom {
  static final UserId ZOE = new UserId("@zoe:far.example");
  static final UserId YAN = new UserId("@yan:other.example");

  final ForeignRoom far;

  /** Its events, one after another. */
  final List<Pdu> line = new ArrayList<>();

  FarRoom(String version) {
    RoomVersion rules = RoomVersion.find(version).orElseThrow();
    far = new ForeignRoom(rules);
    line.add(far.create(ZOE, "far"));
    state(ZOE, "m.room.member", ZOE.value(), membership("join"));
    ObjectNode levels = Json.object();
    ObjectNode users = levels.putObject("users");
    if (!rules.auth().privilegedCreators()) {
      users.put(ZOE.value(), 100);
    }
    state(ZOE, "m.room.power_levels", "", levels);
    state(ZOE, "m.room.join_rules", "", Json.object().put("join_rule", "public"));
    state(YAN, "m.room.member", YAN.value(), membership("join"));
  }

  EventId last() {
    return line.getLast().id();
  }

  Pdu state(UserId sender, String type, String stateKey, ObjectNode content) {
    Pdu pdu = far.make(sender, type, stateKey, content, List.of(last()), TS);
    line.add(pdu);
    return pdu;
  }

  Pdu message(UserId sender, String text) {
    Pdu pdu = message(sender, text, last());
    line.add(pdu);
    return pdu;
  }

  Pdu redaction(UserId sender, EventId target) {
    ObjectNode content = Json.object().put("redacts", target.value());
    Pdu pdu = far.make(sender, "m.room.redaction", null, content, List.of(last()), TS);
    line.add(pdu);
    return pdu;
  }

  /** A message beside the line. */
  Pdu message(UserId sender, String text, EventId... prevEvents) {
    return far.make(
        sender, "m.room.message", null, Json.object().put("body", text), List.of(prevEvents), TS);
  }
}
