package org.headrace.simulation.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.command.RoomCommand.JoinEvent;
import org.headrace.schema.command.RoomCommand.ReceivedEvent;
import org.headrace.schema.command.RoomCommand.StateBefore;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.RoomRecord.GapChanged;
import org.headrace.schema.record.StateChange;
import org.headrace.simulation.world.Traffic.Room;
import org.headrace.stateres.room.ForeignRoom;
import org.jspecify.annotations.Nullable;

/**
 * Servers elsewhere, and the workers that ask them: they let our users join, in chunks that may
 * stop in the middle; fetch events and history, or lie about them; sign what they are shown, or
 * refuse, or are silent.
 */
final class Peers {
  static final ServerName FAR = new ServerName("far.example");
  static final SigningKey POLICY_KEY = SigningKey.fromSeed("ed25519:policy_server", new byte[32]);

  private static final int CHUNK_MAX = 6;
  private static final int HISTORY_MAX = 8;

  private final Random random;
  private final FakeLog log;
  private final Traffic traffic;
  private final TreeMap<Integer, Integer> effectsRead = new TreeMap<>();
  private final TreeMap<EventId, RoomId> gaps = new TreeMap<>();

  /** Commands of joins, each in its order. */
  private final List<List<RoomCommand>> joins = new ArrayList<>();

  Peers(Random random, FakeLog log, Traffic traffic) {
    this.random = random;
    this.log = log;
    this.traffic = traffic;
  }

  void learn(RoomRecord record) {
    if (record instanceof GapChanged gap) {
      gaps.put(gap.gapId(), gap.roomId());
    }
  }

  /** One thing happens. */
  void step() {
    answerEffects();
    int dice = random.nextInt(10);
    if (dice < 2) {
      join();
    } else if (dice < 6 && !joins.isEmpty()) {
      goOn();
    } else if (dice < 8 && !gaps.isEmpty()) {
      requestHistory(pick(List.copyOf(gaps.keySet())));
    } else if (dice < 9) {
      member();
    } else {
      inviteRemote();
    }
  }

  /** Joins that go on do so; effects are answered. */
  void end() {
    while (!joins.isEmpty()) {
      goOn();
    }
    answerEffects();
  }

  /** All effects are answered, and all gaps are read to. */
  void ask() {
    answerEffects();
    for (EventId gap : gaps.keySet()) {
      requestHistory(gap);
    }
  }

  private void requestHistory(EventId gap) {
    traffic.publish(
        new RoomCommand.RequestBackfill(
            traffic.id(), traffic.now(), roomOf(gap), gap, tenant(), HISTORY_MAX));
  }

  private RoomId roomOf(EventId gap) {
    return Optional.ofNullable(gaps.get(gap)).orElseThrow();
  }

  private static ServerName tenant() {
    return Traffic.LOCALS.getFirst().server();
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** A local user wants to join a room through the other server. */
  private void join() {
    Optional<Room> room = traffic.foreignRoom(random);
    if (room.isEmpty()) {
      return;
    }
    ForeignRoom foreign = room.get().foreign;
    UserId user = pick(Traffic.LOCALS);
    Pdu join =
        foreign.make(
            user,
            "m.room.member",
            user.value(),
            Json.object().put("membership", "join"),
            List.of(room.get().events.getLast()),
            traffic.now());
    String joinId = traffic.id();
    List<RoomCommand> commands = new ArrayList<>();
    commands.add(
        new RoomCommand.BeginJoin(
            traffic.id(),
            traffic.now(),
            join.roomId(),
            joinId,
            room.get().version.id(),
            join.json()));
    List<JoinEvent> answer = lieAbout(foreign.joinAnswer(join), room.get());
    for (int from = 0; from < answer.size(); ) {
      int to = Math.min(answer.size(), from + 1 + random.nextInt(CHUNK_MAX));
      commands.add(
          new RoomCommand.JoinEvents(
              traffic.id(),
              traffic.now(),
              join.roomId(),
              joinId,
              List.copyOf(answer.subList(from, to))));
      from = to;
    }
    int commits = 1 + random.nextInt(2);
    for (int i = 0; i < commits; i++) {
      commands.add(
          new RoomCommand.CommitJoin(
              traffic.id(), traffic.now(), join.roomId(), joinId, join.json()));
    }
    joins.add(commands);
  }

  /** Mostly the truth. */
  private List<JoinEvent> lieAbout(List<JoinEvent> truth, Room room) {
    List<JoinEvent> answer = new ArrayList<>(truth);
    switch (random.nextInt(8)) {
      case 0 -> answer.remove(random.nextInt(answer.size()));
      case 1 -> {
        int index = random.nextInt(answer.size());
        JoinEvent event = answer.get(index);
        answer.set(index, new JoinEvent(event.pdu(), false, event.inState()));
      }
      case 2 -> {
        // In the state though the rules forbid it.
        Pdu forged =
            room.foreign.make(
                pick(Traffic.FOREIGNERS),
                "m.room.power_levels",
                "",
                Json.object().put("users_default", 100),
                List.of(room.events.getFirst()),
                traffic.now());
        answer.add(new JoinEvent(forged.json(), true, true));
      }
      case 3 -> {
        int index = random.nextInt(answer.size());
        ObjectNode forged = answer.get(index).pdu().deepCopy();
        ((ObjectNode) forged.get("content")).put("forged", true);
        answer.set(index, new JoinEvent(forged, true, true));
      }
      default -> {}
    }
    return answer;
  }

  /** The next command of a join, or its end in the middle. */
  private void goOn() {
    int index = random.nextInt(joins.size());
    List<RoomCommand> commands = joins.get(index);
    traffic.publish(commands.removeFirst());
    if (commands.isEmpty() || random.nextInt(40) == 0) {
      joins.remove(index);
      if (!commands.isEmpty() && random.nextBoolean()) {
        traffic.pass(6 * 60 * 1000);
      }
    }
  }

  /** What a user is in a room that may not be held. */
  private void member() {
    Optional<Room> room = traffic.foreignRoom(random);
    if (room.isEmpty()) {
      return;
    }
    UserId user = pick(Traffic.LOCALS);
    String membership = pick(List.of("invite", "leave", "knock"));
    Pdu event =
        room.get()
            .foreign
            .make(
                membership.equals("invite") ? pick(Traffic.FOREIGNERS) : user,
                "m.room.member",
                user.value(),
                Json.object().put("membership", membership).put("reason", "r"),
                List.of(room.get().events.getFirst()),
                traffic.now());
    traffic.publish(
        new RoomCommand.NoteRemoteMembership(
            traffic.id(),
            traffic.now(),
            event.roomId(),
            room.get().version.id(),
            user,
            event.json(),
            List.of(Json.object().put("type", "m.room.name"))));
    if (random.nextBoolean()) {
      traffic.publish(
          new RoomCommand.ForgetRoom(traffic.id(), traffic.now(), event.roomId(), user));
    }
  }

  private void inviteRemote() {
    Optional<Room> room = traffic.anyRoom(random);
    if (room.isPresent()) {
      traffic.publish(
          new RoomCommand.ChangeMembership(
              traffic.id(),
              traffic.now(),
              room.get().id,
              pick(Traffic.LOCALS),
              pick(Traffic.FOREIGNERS),
              Action.INVITE,
              Json.object().put("reason", "r" + traffic.id()),
              null,
              true));
    }
  }

  private void answerEffects() {
    for (int p = 0; p < log.partitions().rooms(); p++) {
      var entries = log.of(Topic.ROOM_EFFECTS, p);
      int from = Math.min(effectsRead.getOrDefault(p, 0), entries.size());
      if (from > 0 && random.nextInt(20) == 0) {
        from--; // The worker came back, and meets one again.
      }
      for (int i = from; i < entries.size(); i++) {
        byte[] value = entries.get(i).value();
        if (value != null) {
          answer(LogJson.decode(value, RoomEffect.class));
        }
      }
      effectsRead.put(p, entries.size());
    }
  }

  private void answer(RoomEffect effect) {
    Optional<Room> room = traffic.room(effect.roomId());
    if (room.isEmpty() || random.nextInt(12) == 0) {
      return; // Silence.
    }
    switch (effect) {
      case RoomEffect.FetchEvents fetch -> fetchEvents(room.get(), fetch);
      case RoomEffect.FetchHistory fetch -> fetchHistory(room.get(), fetch);
      case RoomEffect.SignInvite sign -> sign(room.get(), effect, sign.eventId(), sign.event());
      case RoomEffect.SignByPolicy sign -> sign(room.get(), effect, sign.eventId(), sign.event());
    }
  }

  private void fetchEvents(Room room, RoomEffect.FetchEvents fetch) {
    if (random.nextInt(3) > 0) {
      for (EventId missing : fetch.missing()) {
        room.foreign
            .find(missing)
            .ifPresent(
                pdu ->
                    traffic.send(
                        random.nextInt(4) == 0
                            ? outliers(room, List.of(missing))
                            : traffic.receive(pdu)));
      }
      return;
    }
    Optional<Pdu> waiting = room.foreign.find(fetch.eventId());
    Optional<EventId> base = base(room);
    if (waiting.isPresent() && base.isPresent()) {
      List<EventId> needed = new ArrayList<>(waiting.get().authEvents());
      needed.addAll(room.foreign.stateBefore(waiting.get().prevEvents()).values());
      traffic.send(outliers(room, needed));
      traffic.send(
          new RoomCommand.ReceiveEvent(
              traffic.id(),
              traffic.now(),
              room.id,
              FAR,
              waiting.get().json(),
              true,
              null,
              claim(room, waiting.get(), base.get())));
    }
  }

  /** An event that both sides may know with its state. */
  private Optional<EventId> base(Room room) {
    return room.shown.isEmpty() ? Optional.empty() : Optional.of(pick(room.shown));
  }

  private RoomCommand outliers(Room room, List<EventId> events) {
    List<ReceivedEvent> received = new ArrayList<>();
    for (EventId event : room.foreign.authChain(events)) {
      received.add(new ReceivedEvent(room.foreign.pdu(event).json(), random.nextInt(20) > 0));
    }
    return new RoomCommand.ReceiveOutliers(traffic.id(), traffic.now(), room.id, FAR, received);
  }

  /** The state before an event against that before a known one; sometimes not the true one. */
  private StateBefore claim(Room room, Pdu event, EventId base) {
    var ours = room.foreign.stateBefore(room.foreign.pdu(base).prevEvents());
    var theirs = room.foreign.stateBefore(event.prevEvents());
    TreeMap<StateKey, StateChange> changes = new TreeMap<>();
    ours.forEach((key, id) -> changes.put(key, new StateChange(key.type(), key.stateKey(), null)));
    theirs.forEach((key, id) -> changes.put(key, new StateChange(key.type(), key.stateKey(), id)));
    List<StateChange> told = new ArrayList<>(changes.values());
    if (random.nextInt(6) == 0) {
      Collections.shuffle(told, random);
      told = told.subList(0, random.nextInt(told.size() + 1));
    }
    if (random.nextInt(10) == 0) {
      told.add(new StateChange("m.room.topic", "", pick(room.events)));
    }
    return new StateBefore(base, List.copyOf(told));
  }

  private void fetchHistory(Room room, RoomEffect.FetchHistory fetch) {
    TreeSet<EventId> known = new TreeSet<>(room.shown);
    List<EventId> open = new ArrayList<>();
    for (EventId event : fetch.frontier()) {
      room.foreign.find(event).ifPresent(pdu -> open.addAll(pdu.prevEvents()));
    }
    List<Pdu> found = new ArrayList<>();
    TreeSet<EventId> seen = new TreeSet<>();
    while (!open.isEmpty() && found.size() < fetch.limit()) {
      EventId next = open.removeFirst();
      Optional<Pdu> pdu = seen.add(next) ? room.foreign.find(next) : Optional.empty();
      if (pdu.isPresent() && (!known.contains(next) || random.nextInt(8) == 0)) {
        found.add(pdu.get());
        open.addAll(pdu.get().prevEvents());
      }
    }
    if (!found.isEmpty() && random.nextInt(10) == 0) {
      found.remove(random.nextInt(found.size()));
    }
    List<Pdu> oldestFirst = new ArrayList<>(found.reversed());
    if (random.nextInt(10) == 0) {
      Collections.shuffle(oldestFirst, random);
    }
    StateBefore before = null;
    if (!oldestFirst.isEmpty()) {
      Pdu oldest = oldestFirst.getFirst();
      List<EventId> needed =
          new ArrayList<>(room.foreign.stateBefore(oldest.prevEvents()).values());
      oldestFirst.forEach(pdu -> needed.addAll(pdu.authEvents()));
      traffic.publish(outliers(room, needed));
      before = oldest.prevEvents().isEmpty() ? null : claim(room, oldest, fetch.gapId());
    }
    List<ReceivedEvent> received =
        oldestFirst.stream()
            .map(pdu -> new ReceivedEvent(pdu.json(), random.nextInt(25) > 0))
            .toList();
    String refusal = received.isEmpty() ? "nobody has it" : null;
    traffic.send(
        new RoomCommand.Backfill(
            fetch.id(), traffic.now(), room.id, fetch.gapId(), FAR, received, before, refusal));
  }

  private void sign(Room room, RoomEffect effect, EventId event, ObjectNode pdu) {
    boolean refuses = random.nextInt(4) == 0;
    traffic.send(
        new RoomCommand.AppendMinted(
            effect.id(),
            traffic.now(),
            room.id,
            event,
            refuses ? null : signatures(room, pdu),
            refuses ? "no" : null));
  }

  private @Nullable ObjectNode signatures(Room room, ObjectNode pdu) {
    ObjectNode signed = EventSignatures.sign(pdu, room.version, FAR, POLICY_KEY);
    ObjectNode signatures = Json.object();
    ObjectNode ofFar = signatures.putObject(FAR.value());
    ofFar.setAll((ObjectNode) signed.path("signatures").path(FAR.value()));
    ofFar.put("ed25519:1", "c2ln");
    return signatures;
  }

  /** An event of the other server, with the signature of the room's policy server. */
  static Pdu endorsed(Pdu pdu, Room room) {
    return new Pdu(
        pdu.id(), pdu.roomId(), EventSignatures.sign(pdu.json(), room.version, FAR, POLICY_KEY));
  }

  /** What was decided of an event. */
  static void note(Room room, EventDecided event) {
    if (event.place() != null && !room.shown.contains(event.eventId())) {
      room.shown.add(event.eventId());
    }
  }
}
