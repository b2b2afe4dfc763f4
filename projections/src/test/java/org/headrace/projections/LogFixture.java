package org.headrace.projections;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.StateView;
import org.headrace.schema.record.Verdict;

/** Records as a room's topology would send them, for tests of what follows from them. */
public final class LogFixture {
  public static final RoomId ROOM = new RoomId("!room");
  public static final RoomId OTHER_ROOM = new RoomId("!room2");
  public static final UserId ALICE = new UserId("@alice:a.example");
  public static final UserId BOB = new UserId("@bob:b.example");
  public static final DeviceId PHONE = new DeviceId("PHONE");
  public static final String VERSION = "12";

  private LogFixture() {}

  public static Position at(long offset) {
    return Position.ofOffset(offset);
  }

  public static Position at(long offset, int ordinal) {
    return Position.of(0, offset, ordinal);
  }

  public static EventId id(String name) {
    return new EventId("$" + name);
  }

  public static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  public static String bodyKey(RoomId room, EventId event) {
    return room + "|" + event;
  }

  /** An accepted message whose body is beside the log. */
  public static Event message(RoomId room, Position position, String name) {
    return new Event(room, position, name, "m.room.message").body();
  }

  /** An accepted member event of a user by itself. */
  public static Event member(
      RoomId room, Position position, String name, UserId user, String membership) {
    Event event = new Event(room, position, name, "m.room.member");
    event.skeleton.put("state_key", user.value());
    event.skeleton.putObject("content").put("membership", membership);
    return event.change("m.room.member", user.value(), name);
  }

  public static Event create(RoomId room, Position position, String name) {
    Event event = new Event(room, position, name, "m.room.create");
    event.skeleton.put("state_key", "");
    return event.change("m.room.create", "", name);
  }

  /** An entry of a state; null: there is none. */
  public static StateChange entry(String type, String stateKey, String event) {
    return new StateChange(type, stateKey, event == null ? null : id(event));
  }

  /** An accepted event that is known without its place. */
  public static RoomRecord.OutlierDecided outlier(
      RoomId room,
      Position position,
      String name,
      String type,
      String stateKey,
      ObjectNode content) {
    ObjectNode skeleton = json("{'sender':'" + ALICE + "'}").put("type", type);
    skeleton.put("state_key", stateKey).set("content", content);
    return new RoomRecord.OutlierDecided(
        position,
        room,
        "c" + position.offset(),
        true,
        id(name),
        VERSION,
        skeleton,
        false,
        Verdict.ACCEPTED,
        null);
  }

  public static RoomRecord.OutlierDecided outlierMember(
      RoomId room, Position position, String name, UserId user, String membership) {
    return outlier(
        room,
        position,
        name,
        "m.room.member",
        user.value(),
        json("{'membership':'" + membership + "'}"));
  }

  /** A step of a join. */
  public static RoomRecord.StateMoved moved(
      RoomId room, Position position, StateChange... changes) {
    return new RoomRecord.StateMoved(
        position, room, "c" + position.offset(), true, new StateView("moved", List.of(changes)));
  }

  /** A membership of a room that is not held. */
  public static RoomRecord.RemoteMembership noted(
      RoomId room, Position position, String name, UserId user, String membership) {
    ObjectNode skeleton = json("{'sender':'@carol:c.example','type':'m.room.member'}");
    skeleton.put("state_key", user.value()).putObject("content").put("membership", membership);
    return new RoomRecord.RemoteMembership(
        position,
        room,
        "c" + position.offset(),
        true,
        user,
        membership,
        id(name),
        VERSION,
        skeleton,
        true);
  }

  public static RoomRecord.GapChanged gap(
      RoomId room, Position position, String gap, List<String> frontier, long ceiling, long floor) {
    return new RoomRecord.GapChanged(
        position,
        room,
        "c" + position.offset(),
        true,
        id(gap),
        id(gap),
        frontier.stream().map(LogFixture::id).toList(),
        ceiling,
        floor,
        null);
  }

  public static Event state(
      RoomId room, Position position, String name, String type, String stateKey) {
    Event event = new Event(room, position, name, type);
    event.skeleton.put("state_key", stateKey);
    return event.change(type, stateKey, name);
  }

  /** Builds an EventDecided; accepted, alone in its command and shown unless said otherwise. */
  public static final class Event {
    private final RoomId room;
    private final Position position;
    private final String name;
    private final ObjectNode skeleton;
    private final List<StateChange> changes = new ArrayList<>();
    private boolean last = true;
    private boolean hasBody;
    private Verdict verdict = Verdict.ACCEPTED;
    private RoomRecord.SentBy sentBy;
    private Long place;
    private StateView before;

    Event(RoomId room, Position position, String name, String type) {
      this.room = room;
      this.position = position;
      this.name = name;
      this.skeleton = json("{'sender':'" + ALICE + "'}").put("type", type);
      skeleton.putObject("content");
    }

    public Event body() {
      hasBody = true;
      return this;
    }

    public Event notLast() {
      last = false;
      return this;
    }

    public Event verdict(Verdict other) {
      verdict = other;
      return this;
    }

    public Event sentBy(UserId user, DeviceId device, String txnId) {
      sentBy = new RoomRecord.SentBy(user, device, txnId);
      return this;
    }

    /** Not the position: the event is backfilled. */
    public Event place(long other) {
      place = other;
      return this;
    }

    public Event ts(long millis) {
      skeleton.put("origin_server_ts", millis);
      return this;
    }

    /** The state before it differs in this from that before {@code base}; null: from the room's. */
    public Event before(String base, StateChange... differences) {
      before = new StateView("before", List.of(differences), base == null ? null : id(base));
      return this;
    }

    /** The current state's entry is another event now; null: none. */
    public Event change(String type, String stateKey, String event) {
      changes.add(new StateChange(type, stateKey, event == null ? null : id(event)));
      return this;
    }

    public RoomRecord.EventDecided record() {
      return new RoomRecord.EventDecided(
          position,
          room,
          "c" + position.offset(),
          last,
          id(name),
          VERSION,
          skeleton,
          hasBody,
          verdict,
          null,
          before,
          new StateView("root", List.copyOf(changes)),
          List.of(id(name)),
          verdict != Verdict.ACCEPTED
              ? null
              : place == null ? Long.valueOf(position.packed()) : place,
          sentBy,
          null,
          null);
    }
  }
}
