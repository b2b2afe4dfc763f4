package org.headrace.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  static final List<UserId> LOCALS =
      List.of(
          new UserId("@alice:one.example"),
          new UserId("@bob:one.example"),
          new UserId("@carol:two.example"));
  static final List<UserId> FOREIGNERS =
      List.of(new UserId("@yan:far.example"), new UserId("@zoe:far.example"));
  private static final List<String> VERSIONS = List.of("3", "6", "10", "11", "12", "12");
  private static final DeviceId DEVICE = new DeviceId("PHONE");
  private static final int ROOMS_MAX = 3;

  /** Events of a room elsewhere that nobody sends us. */
  private static final int HISTORY = 12;

  /** Once in so many steps nothing happened for longer than events wait or versions are kept. */
  private static final int QUIET_EVERY = 120;

  private static final long QUIET_MILLIS = 2 * 60 * 60 * 1000;

  /** A room as the traffic knows it. */
  static final class Room {
    final RoomId id;
    final RoomVersion version;
    final ForeignRoom foreign;
    final List<EventId> events = new ArrayList<>();

    /** Events that our log shows. */
    final List<EventId> shown = new ArrayList<>();

    /** Whether it began elsewhere, and nothing arrives of it before it is joined. */
    final boolean isForeign;

    Room(RoomId id, RoomVersion version, boolean isForeign) {
      this.id = id;
      this.version = version;
      this.isForeign = isForeign;
      this.foreign = new ForeignRoom(version);
    }
  }

  private final Random random;
  private final FakeLog log;
  private final List<Room> rooms = new ArrayList<>();
  private final TreeMap<Integer, Integer> read = new TreeMap<>();
  private final List<RoomCommand> network = new ArrayList<>();
  private final List<Runnable> sent = new ArrayList<>();
  private final @Nullable Peers peers;
  private int ids;
  private long now = TS;

  /**
   * @param federated whether rooms elsewhere are joined through their servers, which also fetch and
   *     sign; else their events just arrive
   */
  Traffic(Random random, FakeLog log, boolean federated) {
    this.random = random;
    this.log = log;
    this.peers = federated ? new Peers(random, log, this) : null;
  }

  long now() {
    return now;
  }

  void pass(long millis) {
    now += millis;
  }

  Optional<Room> room(RoomId id) {
    return rooms.stream().filter(room -> room.id.equals(id)).findFirst();
  }

  Optional<Room> anyRoom(Random dice) {
    return rooms.isEmpty() ? Optional.empty() : Optional.of(rooms.get(dice.nextInt(rooms.size())));
  }

  /** A room that began elsewhere. */
  Optional<Room> foreignRoom(Random dice) {
    List<Room> foreign = rooms.stream().filter(room -> room.isForeign).toList();
    return foreign.isEmpty()
        ? Optional.empty()
        : Optional.of(foreign.get(dice.nextInt(foreign.size())));
  }

  /** It will arrive. */
  void send(RoomCommand command) {
    network.add(command);
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
    if (random.nextInt(QUIET_EVERY) == 0) {
      now += QUIET_MILLIS;
    }
    learn();
    if (peers != null && random.nextInt(5) < 2) {
      peers.step();
      return;
    }
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
    if (peers != null) {
      peers.end();
    }
    while (!network.isEmpty()) {
      deliver();
    }
  }

  /** What is open is asked for, and answers arrive. */
  void ask() {
    if (peers != null) {
      pass(60_000);
      learn();
      peers.ask();
      while (!network.isEmpty()) {
        deliver();
      }
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

  void publish(RoomCommand command) {
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

  String id() {
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
        RoomRecord record = value == null ? null : LogJson.decode(value, RoomRecord.class);
        if (record instanceof RoomRecord.EventDecided event) {
          learn(event);
        }
        if (peers != null && record != null) {
          peers.learn(record);
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
      room = new Room(event.roomId(), RoomVersion.find(event.roomVersion()).orElseThrow(), false);
      rooms.add(room);
    }
    Peers.note(room, event);
    if (room.foreign.find(event.eventId()).isPresent()) {
      return;
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
    if (peers == null) {
      publish(receive(create));
    }
    Room room = new Room(create.roomId(), version, peers != null);
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
    for (int i = 0; peers != null && i < HISTORY; i++) {
      history(room, creator);
    }
  }

  /** Something that happened before any of us was there; now and then forked. */
  private void history(Room room, UserId creator) {
    int last = room.events.size() - 1;
    int from = random.nextInt(4) == 0 ? Math.max(4, last - 2) : last;
    List<EventId> prevEvents = new ArrayList<>(List.of(room.events.get(Math.min(from, last))));
    if (from != last && random.nextBoolean()) {
      prevEvents.add(room.events.get(last));
    }
    boolean state = random.nextInt(3) == 0;
    ObjectNode content = Json.object().put("body", "old " + ids).put("topic", "old " + ids++);
    String type = state ? "m.room.topic" : "m.room.message";
    Pdu pdu = make(room, creator, type, state ? "" : null, content, prevEvents);
    room.events.add(pdu.id());
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

  RoomCommand receive(Pdu pdu) {
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
    if (hears(room)) {
      network.add(receive(pdu));
    }
  }

  /** Whether other servers send us the room's events: once a user of ours has joined. */
  private static boolean hears(Room room) {
    return !room.isForeign || !room.shown.isEmpty();
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
    if (!hears(room)) {
      return;
    }
    if (peers != null && random.nextBoolean()) {
      pdu = Peers.endorsed(pdu, room);
    }
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
    if (peers != null && random.nextInt(12) == 0) {
      policy(room, sender);
      return;
    }
    ObjectNode content = Json.object().put("topic", "t" + ids).put("name", "n" + ids);
    Draft draft =
        new Draft(
            sender,
            pick(List.of("m.room.topic", "m.room.name", "org.example.state")),
            random.nextBoolean() ? "" : sender.value(),
            content);
    publish(new RoomCommand.SendEvent(id(), now, room.id, draft, null));
  }

  /** The room gets a policy server, or none. */
  private void policy(Room room, UserId sender) {
    ObjectNode content = Json.object();
    if (random.nextBoolean()) {
      content.put("via", Peers.FAR.value());
      content.putObject("public_keys").put("ed25519", Peers.POLICY_KEY.publicKeyBase64());
    }
    Draft draft = new Draft(sender, "m.room.policy", "", content);
    publish(new RoomCommand.SendEvent(id(), now, room.id, draft, null));
  }

  private void membership(Room room) {
    Action action = random.nextInt(3) > 0 ? Action.JOIN : pick(List.of(Action.values()));
    UserId sender = pick(LOCALS);
    boolean own = action == Action.JOIN || action == Action.LEAVE || action == Action.KNOCK;
    UserId target = own ? sender : pick(random.nextBoolean() ? LOCALS : FOREIGNERS);
    publish(
        new RoomCommand.ChangeMembership(
            id(), now, room.id, sender, target, action, Json.object(), null, false));
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
