package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Under seeds: the order in which events arrive changes nothing that may not depend on it. */
class ReceptionPropertyTest {
  private static final List<String> VERSIONS = List.of("3", "6", "8", "10", "11", "12");
  private static final List<UserId> USERS =
      List.of(
          new UserId("@ann:far.example"),
          new UserId("@ben:far.example"),
          new UserId("@cay:other.example"));
  private static final int EVENTS = 60;

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("seeds", 20));
  }

  /** States and rejections follow from what an event names, whatever came first. */
  @ParameterizedTest
  @MethodSource("seeds")
  void everyEventHasOneStateWhateverTheOrder(long seed) {
    Random random = new Random(seed);
    String version = VERSIONS.get(random.nextInt(VERSIONS.size()));
    List<Pdu> events = room(version, random);
    Map<EventId, String> inOrder = receive(version, events);
    for (int i = 0; i < 3; i++) {
      List<Pdu> shuffled = new ArrayList<>(events.subList(1, events.size()));
      Collections.shuffle(shuffled, random);
      shuffled.addFirst(events.getFirst());
      assertThat(receive(version, shuffled)).as("seed " + seed).isEqualTo(inOrder);
    }
  }

  private static Map<EventId, String> receive(String version, List<Pdu> events) {
    RoomFixture fixture = new RoomFixture(version);
    fixture.room = events.getFirst().roomId();
    for (Pdu event : events) {
      fixture.decide(
          new RoomCommand.ReceiveEvent(
              fixture.nextId(),
              RoomFixture.TS,
              fixture.room,
              USERS.getFirst().server(),
              event.json(),
              true));
    }
    fixture.assertReplays();
    assertThat(fixture.head().waiting()).isZero();
    RoomStore store = new RoomStore();
    Map<EventId, String> states = new TreeMap<>();
    for (Pdu event : events) {
      KnownEvent known =
          Objects.requireNonNull(store.event(fixture.state, fixture.room, event.id()));
      boolean rejected = known.verdict() == Verdict.REJECTED;
      states.put(event.id(), rejected + " " + known.before() + " " + known.after());
    }
    return states;
  }

  /** A room with forks, power fights, bans against joins, and events that are refused. */
  private static List<Pdu> room(String version, Random random) {
    ForeignRoom room = new ForeignRoom(RoomVersion.find(version).orElseThrow());
    List<Pdu> events = new ArrayList<>();
    UserId creator = USERS.getFirst();
    events.add(room.create(creator, "room"));
    add(room, events, creator, "m.room.member", creator.value(), membership("join"), random, 1);
    add(room, events, creator, "m.room.power_levels", "", levels(version, random), random, 1);
    ObjectNode rules = Json.object().put("join_rule", "public");
    add(room, events, creator, "m.room.join_rules", "", rules, random, 1);
    while (events.size() < EVENTS) {
      UserId sender = pick(USERS, random);
      int reach = random.nextInt(4) == 0 ? events.size() : 5;
      switch (random.nextInt(6)) {
        case 0, 1 ->
            add(
                room,
                events,
                sender,
                "m.room.member",
                sender.value(),
                membership("join"),
                random,
                reach);
        case 2 ->
            add(
                room,
                events,
                sender,
                "m.room.member",
                pick(USERS, random).value(),
                membership(pick(List.of("ban", "leave", "invite"), random)),
                random,
                reach);
        case 3 ->
            add(
                room,
                events,
                sender,
                "m.room.power_levels",
                "",
                levels(version, random),
                random,
                reach);
        case 4 ->
            add(
                room,
                events,
                sender,
                "m.room.topic",
                "",
                Json.object().put("topic", "t" + events.size()),
                random,
                reach);
        default ->
            add(
                room,
                events,
                sender,
                "org.example.state",
                sender.value(),
                Json.object(),
                random,
                reach);
      }
    }
    return events;
  }

  private static void add(
      ForeignRoom room,
      List<Pdu> events,
      UserId sender,
      String type,
      String stateKey,
      ObjectNode content,
      Random random,
      int reach) {
    List<EventId> prevEvents = new ArrayList<>();
    for (int i = reach > 1 && random.nextInt(3) == 0 ? 3 : 1; i > 0; i--) {
      int back = random.nextInt(Math.min(reach, events.size()));
      EventId prev = events.get(events.size() - 1 - back).id();
      if (!prevEvents.contains(prev)) {
        prevEvents.add(prev);
      }
    }
    long ts = RoomFixture.TS + random.nextInt(1000);
    events.add(room.make(sender, type, stateKey, content, prevEvents, ts));
  }

  private static ObjectNode levels(String version, Random random) {
    ObjectNode levels = Json.object().put("state_default", random.nextInt(3) * 25);
    ObjectNode users = levels.putObject("users");
    if (!version.equals("12")) {
      users.put(USERS.getFirst().value(), 100);
    }
    users.put(USERS.get(1).value(), random.nextInt(3) * 50);
    return levels;
  }

  private static ObjectNode membership(String membership) {
    return Json.object().put("membership", membership);
  }

  private static <T> T pick(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }
}
