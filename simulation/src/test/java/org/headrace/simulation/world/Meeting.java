package org.headrace.simulation.world;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.auth.AuthTypes;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.JoinEvent;
import org.headrace.schema.command.RoomCommand.ReceivedEvent;
import org.headrace.schema.command.RoomCommand.StateBefore;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.Verdict;
import org.headrace.stateres.room.ForeignRoom;
import org.jspecify.annotations.Nullable;

/**
 * Two homeservers of ours share a room. Each has users who write, fight for power and throw each
 * other out; what one makes is sent to the other, late, in any order, twice, or not at all while
 * the link is cut. What is missing is asked for.
 */
final class Meeting {
  private static final ServerName HERE = new ServerName("here.example");
  private static final ServerName THERE = new ServerName("there.example");

  /** Who made the room, and who let the other server in: they stay. */
  private static final UserId ALICE = new UserId("@alice:here.example");

  private static final UserId BOB = new UserId("@bob:there.example");

  /** Who speaks at the end, and of which type. */
  static final List<UserId> LAST_WORDS = List.of(ALICE, BOB, ALICE, BOB);

  static final String LAST = "m.last";

  private static final List<UserId> GUESTS =
      List.of(new UserId("@amy:here.example"), new UserId("@ben:there.example"));
  private static final List<String> VERSIONS = List.of("3", "6", "10", "11", "12", "12");
  private static final int CHUNK_MAX = 6;

  /**
   * Predecessors that the server that joined fetches for one event, before the other's word for the
   * state counts: history from before the join has no end otherwise.
   */
  private static final int FETCHED_MAX = 12;

  private final Random random;
  private final Random lies;
  private final @Nullable Liar liar;
  private final Homeserver here;
  private final Homeserver there;
  private final RoomVersion version;
  private final RoomId room;

  /** On its way to either. */
  private final Map<ServerName, List<Pdu>> inbox = new TreeMap<>();

  /** Questions of either that have not been answered. */
  private final Map<ServerName, Deque<RoomEffect.FetchEvents>> asked = new TreeMap<>();

  private final Map<String, Integer> counts = new TreeMap<>();
  private boolean joined;
  private boolean cut;
  private int ids;
  private long now = 1_700_000_000_000L;

  Meeting(long seed, double crashProbability) {
    this(seed, crashProbability, false);
  }

  /**
   * A meeting.
   *
   * @param isLiarThere whether a third server is in the room, which tells either what it likes
   */
  Meeting(long seed, double crashProbability, boolean isLiarThere) {
    random = new Random(seed);
    lies = new Random(seed + 3);
    here = new Homeserver(HERE, new Random(seed + 1), crashProbability);
    there = new Homeserver(THERE, new Random(seed + 2), crashProbability);
    for (Homeserver server : servers()) {
      inbox.put(server.name(), new ArrayList<>());
      asked.put(server.name(), new ArrayDeque<>());
    }
    version = RoomVersion.find(pick(VERSIONS)).orElseThrow();
    room = create();
    liar = isLiarThere ? new Liar(lies, version, room) : null;
    if (liar != null) {
      settle(here);
      here.publish(receive(here, liar.join(here, now), null));
    }
    join();
  }

  Homeserver here() {
    return here;
  }

  Homeserver there() {
    return there;
  }

  RoomId room() {
    return room;
  }

  /** How often it met what it is meant to try. */
  Map<String, Integer> counts() {
    return counts;
  }

  private List<Homeserver> servers() {
    return List.of(here, there);
  }

  private Homeserver other(Homeserver server) {
    return server == here ? there : here;
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private String id() {
    return "c" + ids++;
  }

  private void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  // The room and the join

  private RoomId create() {
    ObjectNode create = new ForeignRoom(version).create(ALICE, "meeting").json().deepCopy();
    create.remove("signatures");
    RoomId id = EventHashes.roomIdOfCreate(create, version);
    ObjectNode levels = Json.object();
    ObjectNode users = levels.putObject("users").put(BOB.value(), 100);
    if (!version.auth().privilegedCreators()) {
      users.put(ALICE.value(), 100);
    }
    List<Draft> drafts =
        List.of(
            new Draft(ALICE, "m.room.member", ALICE.value(), membership("join")),
            new Draft(ALICE, "m.room.power_levels", "", levels),
            new Draft(ALICE, "m.room.join_rules", "", Json.object().put("join_rule", "public")));
    here.publish(
        new RoomCommand.CreateRoom(id(), now, id, version.id(), ALICE, create, drafts, null));
    for (int i = random.nextInt(8); i > 0; i--) {
      here.publish(
          new RoomCommand.SendEvent(id(), now, id, new Draft(ALICE, "m.old", null, text()), null));
    }
    return id;
  }

  /** As POST /join, make_join and send_join do it; the other server goes on meanwhile. */
  private void join() {
    settle(here);
    Pdu join = joinOf(BOB);
    for (int i = random.nextInt(3); i > 0; i--) {
      here.publish(send(ALICE, "m.late", null, text()));
    }
    here.publish(
        new RoomCommand.ReceiveEvent(id(), now, room, THERE, join.json(), true, HERE, null));
    settle(here);
    SortedMap<StateKey, EventId> before = here.stateBefore(room, join.id());
    Set<EventId> chain = new LinkedHashSet<>();
    before.values().forEach(event -> addWithAuth(here, event, chain));
    List<JoinEvent> answer = new ArrayList<>();
    for (EventId event : chain) {
      answer.add(new JoinEvent(pdu(here, event).json(), true, before.containsValue(event)));
    }
    there.publish(new RoomCommand.BeginJoin(id(), now, room, "join", version.id(), join.json()));
    for (int from = 0; from < answer.size(); from += CHUNK_MAX) {
      List<JoinEvent> chunk = answer.subList(from, Math.min(answer.size(), from + CHUNK_MAX));
      there.publish(new RoomCommand.JoinEvents(id(), now, room, "join", List.copyOf(chunk)));
    }
    there.publish(new RoomCommand.CommitJoin(id(), now, room, "join", join.json()));
    settle(there);
    joined = true;
  }

  private Pdu joinOf(UserId user) {
    ObjectNode content = membership("join");
    ObjectNode json = Json.object().put("type", "m.room.member").put("room_id", room.value());
    json.put("sender", user.value()).put("state_key", user.value()).put("origin_server_ts", now);
    json.set("content", content);
    ArrayNode prevs = json.putArray("prev_events");
    long depth = 0;
    for (EventId prev : here.extremities()) {
      prevs.add(prev.value());
      depth = Math.max(depth, pdu(here, prev).depth());
    }
    json.put("depth", depth + 1);
    ArrayNode auths = json.putArray("auth_events");
    SortedMap<StateKey, EventId> state = here.currentState(room);
    AuthTypes.forEvent(version, "m.room.member", Optional.of(user.value()), user, content).stream()
        .filter(state::containsKey)
        .forEach(key -> auths.add(state.get(key).value()));
    ObjectNode hashed = EventHashes.withContentHash(json, version);
    hashed.putObject("signatures").putObject(user.server().value()).put("ed25519:1", "sig");
    return EventHashes.pdu(hashed, version);
  }

  private static Pdu pdu(Homeserver server, EventId event) {
    return server.serve(event).orElseThrow();
  }

  private void addWithAuth(Homeserver server, EventId event, Set<EventId> chain) {
    if (chain.contains(event)) {
      return;
    }
    pdu(server, event).authEvents().forEach(auth -> addWithAuth(server, auth, chain));
    if (chain.isEmpty()) {
      // From version 12 on no event names the create event.
      EventId create = server.currentState(room).get(new StateKey("m.room.create", ""));
      chain.add(Objects.requireNonNull(create));
    }
    chain.add(event);
  }

  // What happens

  /** One thing. */
  void step() {
    now += random.nextInt(2_000);
    int dice = random.nextInt(100);
    if (dice < 30) {
      write(pick(servers()));
    } else if (dice < 65) {
      pick(servers()).work(random);
    } else if (dice < 80) {
      deliver(pick(servers()));
    } else if (dice < 90) {
      answer(pick(servers()), random.nextInt(4) == 0);
    } else if (dice < 92) {
      cut = !cut;
      count("cuts");
    }
    if (liar != null && lies.nextInt(8) == 0) {
      lie(liar);
    }
    servers().forEach(this::listen);
  }

  /** One of them hears of it, or both, and from each other what their own events follow. */
  private void lie(Liar liar) {
    Homeserver first = lies.nextBoolean() ? here : there;
    Pdu lie = liar.lie(first, now, GUESTS);
    count("lies");
    list(first).add(lie);
    if (lies.nextInt(3) == 0) {
      list(other(first)).add(lie);
    }
  }

  /**
   * The link is whole, everything arrives; then each writes once more, so that what was lost while
   * the link was cut is named by what follows it.
   */
  void end() {
    cut = false;
    servers().forEach(Homeserver::calm);
    rest();
    for (UserId user : LAST_WORDS) {
      Homeserver server = here.has(user) ? here : there;
      now += 1_000;
      server.publish(send(user, LAST, null, text()));
      rest();
    }
  }

  private void rest() {
    servers().forEach(this::settle);
    while (servers().stream().anyMatch(this::isBusy)) {
      for (Homeserver server : servers()) {
        while (isBusy(server)) {
          deliver(server);
          answer(server, false);
        }
      }
      servers().forEach(this::settle);
    }
  }

  private boolean isBusy(Homeserver server) {
    return !list(server).isEmpty() || !questions(server).isEmpty();
  }

  private void settle(Homeserver server) {
    server.settle();
    listen(server);
  }

  private List<Pdu> list(Homeserver server) {
    return Objects.requireNonNull(inbox.get(server.name()));
  }

  private Deque<RoomEffect.FetchEvents> questions(Homeserver server) {
    return Objects.requireNonNull(asked.get(server.name()));
  }

  /** What it decided of its own goes to the other; what it lacks will be asked for. */
  private void listen(Homeserver server) {
    for (EventDecided event : server.news()) {
      count(event.verdict().toString());
      if (event.before() != null && event.extremities().size() > 1) {
        count("forked");
      }
      if (joined && event.isMadeHere() && event.verdict() == Verdict.ACCEPTED) {
        if (cut) {
          count("lost");
        } else {
          list(other(server)).add(server.whole(event));
        }
      }
    }
    for (RoomEffect effect : server.effects()) {
      if (effect instanceof RoomEffect.FetchEvents fetch) {
        questions(server).add(fetch);
      }
    }
  }

  private void deliver(Homeserver to) {
    List<Pdu> waiting = list(to);
    if (waiting.isEmpty()) {
      return;
    }
    Pdu pdu = waiting.remove(random.nextInt(waiting.size()));
    to.publish(receive(to, pdu, null));
    if (random.nextInt(10) == 0) {
      waiting.add(pdu);
    }
  }

  private RoomCommand receive(Homeserver to, Pdu pdu, @Nullable StateBefore before) {
    return new RoomCommand.ReceiveEvent(
        id(), now, room, other(to).name(), pdu.json(), true, null, before);
  }

  /** As the worker of missing events does it (ingest-service). */
  private void answer(Homeserver asking, boolean silent) {
    if (questions(asking).isEmpty() || cut) {
      return;
    }
    RoomEffect.FetchEvents fetch = questions(asking).remove();
    if (silent) {
      questions(asking).add(fetch);
      return;
    }
    Homeserver peer = other(asking);
    count("fetched");
    Map<EventId, Pdu> found = new LinkedHashMap<>();
    Deque<EventId> open = new ArrayDeque<>(fetch.missing());
    Set<EventId> beyond = new TreeSet<>();
    while (!open.isEmpty()) {
      EventId next = open.remove();
      if (found.containsKey(next) || asking.decided().containsKey(next)) {
        continue;
      }
      Optional<Pdu> pdu = peer.serve(next);
      boolean more = asking == here || found.size() < FETCHED_MAX;
      if (pdu.isPresent() && more) {
        found.put(next, pdu.get());
        open.addAll(pdu.get().prevEvents());
      } else {
        beyond.add(next);
      }
    }
    Set<EventId> done = new LinkedHashSet<>();
    found.keySet().forEach(event -> order(event, found, done));
    for (EventId event : done) {
      Pdu pdu = Objects.requireNonNull(found.get(event));
      StateBefore before = null;
      if (pdu.prevEvents().stream().anyMatch(beyond::contains)) {
        before = claim(asking, peer, pdu);
      }
      asking.publish(receive(asking, pdu, before));
    }
  }

  /** Predecessors first. */
  private static void order(EventId event, Map<EventId, Pdu> among, Set<EventId> done) {
    Pdu pdu = among.get(event);
    if (pdu != null && !done.contains(event)) {
      pdu.prevEvents().forEach(prev -> order(prev, among, done));
      done.add(event);
    }
  }

  /** The peer's state before an event, told by its difference from the state before the join. */
  private StateBefore claim(Homeserver asking, Homeserver peer, Pdu event) {
    count("claimed");
    EventId base =
        peer.decided().values().stream()
            .filter(known -> known.skeleton().path("state_key").asText().equals(BOB.value()))
            .map(EventDecided::eventId)
            .filter(asking.decided()::containsKey)
            .findFirst()
            .orElseThrow();
    SortedMap<StateKey, EventId> ours = asking.stateBefore(room, base);
    SortedMap<StateKey, EventId> theirs = peer.stateBefore(room, event.id());
    Set<EventId> needed = new LinkedHashSet<>();
    Collection<EventId> named = new ArrayList<>(theirs.values());
    named.addAll(event.authEvents());
    named.forEach(id -> addWithAuth(peer, id, needed));
    List<ReceivedEvent> outliers =
        needed.stream().map(id -> new ReceivedEvent(pdu(peer, id).json(), true)).toList();
    asking.publish(new RoomCommand.ReceiveOutliers(id(), now, room, peer.name(), outliers));
    TreeMap<StateKey, StateChange> changes = new TreeMap<>();
    ours.forEach((key, id) -> changes.put(key, new StateChange(key.type(), key.stateKey(), null)));
    theirs.forEach((key, id) -> changes.put(key, new StateChange(key.type(), key.stateKey(), id)));
    return new StateBefore(base, List.copyOf(changes.values()));
  }

  // What users do

  private void write(Homeserver server) {
    UserId host = server == here ? ALICE : BOB;
    UserId guest = server == here ? GUESTS.getFirst() : GUESTS.getLast();
    UserId sender = random.nextInt(3) == 0 ? guest : host;
    switch (random.nextInt(12)) {
      case 0, 1 -> server.publish(change(guest, guest, pick(List.of(Action.JOIN, Action.LEAVE))));
      case 2, 3 ->
          server.publish(
              change(sender, pick(GUESTS), pick(List.of(Action.KICK, Action.BAN, Action.UNBAN))));
      case 4 -> server.publish(send(sender, "m.room.power_levels", "", levels()));
      case 5 -> {
        ObjectNode rule = Json.object().put("join_rule", pick(List.of("public", "invite")));
        server.publish(send(sender, "m.room.join_rules", "", rule));
      }
      case 6, 7 -> server.publish(send(sender, pick(List.of("m.room.topic", "m.s")), "", text()));
      case 8 -> {
        List<EventId> known = List.copyOf(server.decided().keySet());
        server.publish(new RoomCommand.Redact(id(), now, room, sender, pick(known), null, null));
      }
      default -> server.publish(send(sender, "m.room.message", null, text()));
    }
  }

  /** Hosts keep what they need to write; who may do what else changes. */
  private ObjectNode levels() {
    ObjectNode levels = Json.object().put("state_default", 25 * random.nextInt(5));
    levels.put("ban", 25 * random.nextInt(5)).put("kick", 25 * random.nextInt(5));
    ObjectNode users = levels.putObject("users").put(BOB.value(), pick(List.of(50, 100, 100)));
    if (!version.auth().privilegedCreators()) {
      users.put(ALICE.value(), pick(List.of(50, 100, 100)));
    }
    GUESTS.forEach(guest -> users.put(guest.value(), 25 * random.nextInt(4)));
    return levels;
  }

  private ObjectNode text() {
    return Json.object().put("body", "text " + ids).put("topic", "topic " + ids);
  }

  private static ObjectNode membership(String membership) {
    return Json.object().put("membership", membership);
  }

  private RoomCommand send(
      UserId sender, String type, @Nullable String stateKey, ObjectNode content) {
    return new RoomCommand.SendEvent(
        id(), now, room, new Draft(sender, type, stateKey, content), null);
  }

  private RoomCommand change(UserId sender, UserId target, Action action) {
    return new RoomCommand.ChangeMembership(
        id(), now, room, sender, target, action, Json.object(), null, false);
  }
}
