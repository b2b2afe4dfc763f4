package org.headrace.ingest.remote;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.event.EventHashes;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;

class EventSpoolTest {
  private static final RoomVersion V12 = RoomVersion.find("12").orElseThrow();

  /** From version 12 on no event names the create event, and all are judged by it. */
  @Test
  void theCreateEventComesFirstAlsoWhereNobodyNamesIt() throws Exception {
    ObjectNode create = event("m.room.create", "{'room_version':'12'}");
    RoomId room = EventHashes.roomIdOfCreate(create, V12);
    ObjectNode join = event("m.room.member", "{'membership':'join'}");
    join.put("state_key", "@a:a.example").put("room_id", room.value());
    try (EventSpool spool = new EventSpool(V12, room)) {
      spool.stateEvent(join);
      spool.authEvent(create);
      assertThat(spool.ordered())
          .extracting(EventSpool.Spooled::id)
          .containsExactly(
              new EventId("$" + room.value().substring(1)), EventHashes.pdu(join, V12).id());
    }
  }

  private static ObjectNode event(String type, String content) {
    ObjectNode event = Json.object().put("type", type).put("state_key", "");
    event.put("sender", "@a:a.example").put("origin_server_ts", 1).put("depth", 1);
    event.putArray("prev_events");
    event.putArray("auth_events");
    event.set("content", Json.parseObject(content.replace('\'', '"').getBytes()));
    event.putObject("hashes").put("sha256", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg");
    event.putObject("signatures").putObject("a.example").put("ed25519:k", "c2ln");
    return event;
  }
}
