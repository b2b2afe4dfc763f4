package org.headrace.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.Transaction;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.RoomRecord;
import org.headrace.stateres.room.ForeignRoom;
import org.jspecify.annotations.Nullable;

/**
 * What clients of two tenants and servers elsewhere ask for: rooms of several versions, messages,
 * state, membership, redactions; events from elsewhere that fork, come late, twice, forged or out
 * of order.
 */
final class Traffic {
  private static final long TS = 1_700_000_000_000L;
  private static final List<UserId> LOCALS =
      List.of(
          new UserId("@alice:one.example"),
          new UserId("@bob:one.example"),
          new UserId("@carol:two.example"));
  private static final List<UserId> FOREIGNERS =
      List.of(new UserId("@yan:far.example"), new UserId("@zoe:far.example"));
  private static final List<String> VERSIONS = List.of("3", "6", "10", "11", "12", "12");
  private static final DeviceId DEVICE = new DeviceId("PHONE");
  private static final int ROOMS_MAX = 3;

  /** A room as the traffic knows it. */
  private static final class Room {
    final RoomId id;
    final RoomVersion version;
    final ForeignRoom foreign;
    final List<EventId> events = new ArrayList<>();

    Room(RoomId id, RoomVersion version) {
      this.id = id;
      this.version = version;
      this.foreign = new ForeignRoom(version);
    }
  }

  private final Random random;
  private final FakeLog log;
  private final List<Room> rooms = new ArrayList<>();
  private final TreeMap<Integer, Integer> read = new TreeMap<>();
  private final List<RoomCommand> network = new ArrayList<>();
  private final List<Runnable> sent = new ArrayList<>();
  private int ids;
  private long now = TS;

  Traffic(Random random, FakeLog log) {
    this.random = random;
    this.log = log;
  }

  /** Accounts, and a first room. */
  void begin() {
    for (UserId user : LOCALS) {
      publish(
          new AccountCommand.Register(
              id(),
              now,
              user,
              "hash",
              false,
              new AccountCommand.Session(DEVICE, "token of " + user, null),
              new TreeMap<>()));
    }
    createRoom();
    foreignRoom();
  }

  /** One thing happens. */
  void step() {
    now += random.nextInt(2000);
    learn();
    int dice = random.nextInt(100);
    if (rooms.isEmpty() || (dice < 3 && rooms.size() < ROOMS_MAX)) {
      if (random.nextInt(3) == 0) {
        foreignRoom();
      } else {
        createRoom();
      }
    } else if (dice < 8) {
      account();
    } else if (dice < 30) {
      message(pick(rooms));
    } else if (dice < 42) {
      membership(pick(rooms));
    } else if (dice < 50) {
      state(pick(rooms));
    } else if (dice < 55) {
      redact(pick(rooms));
    } else if (dice < 58 && !sent.isEmpty()) {
      // A publisher that saw no answer tries again, later.
      pick(sent).run();
    } else if (dice < 80) {
      foreign(pick(rooms));
    } else {
      deliver();
    }
  }

  /** What is still on its way arrives. */
  void end() {
    while (!network.isEmpty()) {
      deliver();
    }
  }

  private void deliver() {
    if (!network.isEmpty()) {
      RoomCommand command = network.remove(random.nextInt(network.size()));
      publish(command);
      if (random.nextInt(8) == 0) {
        network.add(command);
      }
    }
  }

  private void publish(RoomCommand command) {
    byte[] bytes = LogJson.encode(command);
    long ts = now;
    Runnable send = () -> log.publish(Topic.ROOM_COMMANDS, command.roomId().value(), bytes, ts);
    send.run();
    sent.add(send);
  }

  private void publish(AccountCommand command) {
    byte[] bytes = LogJson.encode(command);
    long ts = now;
    Runnable send = () -> log.publish(Topic.ACCOUNT_COMMANDS, command.key(), bytes, ts);
    send.run();
    sent.add(send);
  }

  private String id() {
    return "c" + ids++;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Reads the room log as a server elsewhere would hear of it. */
  private void learn() {
    for (int p = 0; p < log.partitions().rooms(); p++) {
      var entries = log.of(Topic.ROOM_LOG, p);
      // A power cut may have taken what was read.
      int from = Math.min(read.getOrDefault(p, 0), entries.size());
      for (int i = from; i < entries.size(); i++) {
        byte[] value = entries.get(i).value();
        if (value != null
            && LogJson.decode(value, RoomRecord.class) instanceof RoomRecord.EventDecided event) {
          learn(event);
        }
      }
      read.put(p, entries.size());
    }
  }

  private void learn(RoomRecord.EventDecided event) {
    Room room = null;
    for (Room known : rooms) {
      room = known.id.equals(event.roomId()) ? known : room;
    }
    if (room == null) {
      room = new Room(event.roomId(), RoomVersion.find(event.roomVersion()).orElseThrow());
      rooms.add(room);
    }
    room.foreign.learn(new Pdu(event.eventId(), event.roomId(), event.skeleton()));
    if (!room.events.contains(event.eventId())) {
      room.events.add(event.eventId());
    }
  }

  private void createRoom() {
    RoomVersion version = RoomVersion.find(pick(VERSIONS)).orElseThrow();
    UserId creator = pick(LOCALS);
    ForeignRoom minted = new ForeignRoom(version);
    ObjectNode create = minted.create(creator, "room" + ids).json().deepCopy();
    create.remove("signatures");
    RoomId room = EventHashes.roomIdOfCreate(create, version);
    List<Draft> drafts = new ArrayList<>();
    drafts.add(new Draft(creator, "m.room.member", creator.value(), membership("join")));
    ObjectNode levels = Json.object();
    ObjectNode users = levels.putObject("users");
    if (!version.auth().privilegedCreators()) {
      users.put(creator.value(), 100);
    }
    users.put(pick(FOREIGNERS).value(), 50);
    drafts.add(new Draft(creator, "m.room.power_levels", "", levels));
    drafts.add(
        new Draft(creator, "m.room.join_rules", "", Json.object().put("join_rule", "public")));
    boolean refused = random.nextInt(6) == 0;
    if (refused) {
      drafts.add(new Draft(FOREIGNERS.getFirst(), "m.room.name", "", Json.object()));
    }
    RoomAlias alias =
        random.nextBoolean()
            ? new RoomAlias("#a" + random.nextInt(3) + ":" + creator.server())
            : null;
    RoomCommand.CreateRoom command =
        new RoomCommand.CreateRoom(id(), now, room, version.id(), creator, create, drafts, alias);
    if (alias == null) {
      publish(command);
    } else {
      publish(new AccountCommand.CreateRoomWithAlias(id(), now, alias, creator, command));
    }
  }

  /** A room that begins elsewhere; its events arrive in any order after the first. */
  private void foreignRoom() {
    RoomVersion version = RoomVersion.find(pick(VERSIONS)).orElseThrow();
    ForeignRoom foreign = new ForeignRoom(version);
    UserId creator = pick(FOREIGNERS);
    Pdu create = foreign.create(creator, "foreign" + ids);
    publish(receive(create));
    Room room = new Room(create.roomId(), version);
    room.foreign.learn(create);
    room.events.add(create.id());
    rooms.add(room);
    foreignMember(room, creator);
    ObjectNode levels = Json.object();
    levels.putObject("users");
    if (!version.auth().privilegedCreators()) {
      levels.putObject("users").put(creator.value(), 100);
    }
    add(room, creator, "m.room.power_levels", "", levels, List.of(room.events.getLast()));
    ObjectNode rules = Json.object().put("join_rule", "public");
    add(room, creator, "m.room.join_rules", "", rules, List.of(room.events.getLast()));
  }

  private void foreignMember(Room room, UserId user) {
    add(
        room,
        user,
        "m.room.member",
        user.value(),
        membership("join"),
        List.of(room.events.getLast()));
  }

  private RoomCommand receive(Pdu pdu) {
    return new RoomCommand.ReceiveEvent(
        id(), now, pdu.roomId(), new ServerName("far.example"), pdu.json(), true);
  }

  private void add(
      Room room,
      UserId sender,
      String type,
      String stateKey,
      ObjectNode content,
      List<EventId> prevEvents) {
    Pdu pdu = room.foreign.make(sender, type, stateKey, content, prevEvents, now);
    room.events.add(pdu.id());
    network.add(receive(pdu));
  }

  /** An event from elsewhere, on top of recent or old events, one or several. */
  private void foreign(Room room) {
    List<EventId> prevEvents = new ArrayList<>();
    for (int i = random.nextInt(3) == 0 ? 2 : 1; i > 0; i--) {
      int reach = random.nextInt(5) == 0 ? room.events.size() : Math.min(4, room.events.size());
      EventId prev = room.events.get(room.events.size() - 1 - random.nextInt(reach));
      if (!prevEvents.contains(prev)) {
        prevEvents.add(prev);
      }
    }
    UserId sender = random.nextInt(6) == 0 ? pick(LOCALS) : pick(FOREIGNERS);
    Pdu pdu =
        switch (random.nextInt(10)) {
          case 0, 1 ->
              make(room, sender, "m.room.member", sender.value(), membership("join"), prevEvents);
          case 2, 3 -> {
            String target = pick(random.nextInt(3) == 0 ? LOCALS : FOREIGNERS).value();
            String change = pick(List.of("ban", "leave", "invite"));
            yield make(room, sender, "m.room.member", target, membership(change), prevEvents);
          }
          case 4 -> {
            ObjectNode levels = Json.object().put("state_default", random.nextInt(3) * 25);
            ObjectNode users = levels.putObject("users");
            if (!room.version.auth().privilegedCreators()) {
              users.put(sender.value(), 100);
            }
            users.put(pick(FOREIGNERS).value(), random.nextInt(3) * 50);
            yield make(room, sender, "m.room.power_levels", "", levels, prevEvents);
          }
          case 5 -> {
            ObjectNode topic = Json.object().put("topic", "topic " + ids);
            yield make(room, sender, "m.room.topic", "", topic, prevEvents);
          }
          case 6 -> {
            ObjectNode redacts = Json.object().put("redacts", pick(room.events).value());
            yield make(room, sender, "m.room.redaction", null, redacts, prevEvents);
          }
          default -> {
            ObjectNode body = Json.object().put("body", "foreign " + ids);
            yield make(room, sender, "m.room.message", null, body, prevEvents);
          }
        };
    room.events.add(pdu.id());
    if (random.nextInt(12) == 0) {
      ObjectNode forged = pdu.json().deepCopy();
      ((ObjectNode) forged.get("content")).put("body", "forged");
      pdu = new Pdu(pdu.id(), pdu.roomId(), forged);
    }
    // Some never arrive by themselves, so that what follows them waits for ever.
    if (random.nextInt(25) != 0) {
      network.add(receive(pdu));
    }
  }

  private Pdu make(
      Room room,
      UserId sender,
      String type,
      @Nullable String stateKey,
      ObjectNode content,
      List<EventId> prevEvents) {
    return room.foreign.make(sender, type, stateKey, content, prevEvents, now);
  }

  private static ObjectNode membership(String membership) {
    return Json.object().put("membership", membership);
  }

  private void message(Room room) {
    Transaction transaction =
        random.nextInt(4) == 0 ? null : new Transaction(DEVICE, "txn" + random.nextInt(200));
    Draft draft =
        new Draft(pick(LOCALS), "m.room.message", null, Json.object().put("body", "hello " + ids));
    publish(new RoomCommand.SendEvent(id(), now, room.id, draft, transaction));
  }

  private void state(Room room) {
    UserId sender = pick(LOCALS);
    ObjectNode content = Json.object().put("topic", "t" + ids).put("name", "n" + ids);
    Draft draft =
        new Draft(
            sender,
            pick(List.of("m.room.topic", "m.room.name", "org.example.state")),
            random.nextBoolean() ? "" : sender.value(),
            content);
    publish(new RoomCommand.SendEvent(id(), now, room.id, draft, null));
  }

  private void membership(Room room) {
    Action action = random.nextInt(3) > 0 ? Action.JOIN : pick(List.of(Action.values()));
    UserId sender = pick(LOCALS);
    boolean own = action == Action.JOIN || action == Action.LEAVE || action == Action.KNOCK;
    UserId target = own ? sender : pick(random.nextBoolean() ? LOCALS : FOREIGNERS);
    publish(
        new RoomCommand.ChangeMembership(
            id(), now, room.id, sender, target, action, Json.object(), null));
    if (random.nextInt(10) == 0) {
      publish(new RoomCommand.ForgetRoom(id(), now, room.id, sender));
    }
  }

  private void redact(Room room) {
    if (!room.events.isEmpty()) {
      publish(
          new RoomCommand.Redact(
              id(),
              now,
              room.id,
              pick(LOCALS),
              pick(room.events),
              random.nextBoolean() ? "because" : null,
              new Transaction(DEVICE, "redact" + random.nextInt(200))));
    }
  }

  private void account() {
    UserId user = pick(LOCALS);
    switch (random.nextInt(3)) {
      case 0 ->
          publish(
              new AccountCommand.SetProfileField(
                  id(), now, user, "displayname", "name " + random.nextInt(5)));
      case 1 -> {
        TreeMap<String, ObjectNode> messages = new TreeMap<>();
        messages.put(DEVICE.value(), Json.object().put("n", ids));
        publish(
            new AccountCommand.SendToDevice(
                id(), now, user, pick(LOCALS), "m.test", messages, "dedupe" + ids));
      }
      default -> {
        ObjectNode keys = Json.object().put("device_id", DEVICE.value());
        keys.put("user_id", user.value()).putObject("keys").put("ed25519:PHONE", "k" + ids);
        TreeMap<String, JsonNode> oneTime = new TreeMap<>();
        oneTime.put("signed_curve25519:K" + ids, Json.object().put("key", "o" + ids));
        publish(
            new AccountCommand.UploadKeys(id(), now, user, DEVICE, keys, oneTime, new TreeMap<>()));
      }
    }
  }
}
