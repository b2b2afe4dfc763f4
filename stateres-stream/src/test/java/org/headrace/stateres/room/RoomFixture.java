package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.stateres.room.FarRoom.ZOE;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
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
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.tick.Tick;
import org.headrace.topology.machine.MapState;
import org.headrace.topology.machine.Output;
import org.jspecify.annotations.Nullable;

/** One room machine over a state in memory, and all that it has sent. */
final class RoomFixture {
  static final UserId ALICE = new UserId("@alice:one.example");
  static final UserId BOB = new UserId("@bob:two.example");
  static final UserId CAROL = new UserId("@carol:one.example");
  static final DeviceId DEVICE = new DeviceId("PHONE");
  static final long TS = 1_700_000_000_000L;

  final RoomVersion version;
  final MapState state = new MapState();
  final List<Output> outputs = new ArrayList<>();
  final List<RoomRecord> records = new ArrayList<>();
  private final RoomMachine machine = new RoomMachine();
  RoomId room = new RoomId("!none");
  private long offset;
  private int commands;

  RoomFixture(String version) {
    this.version = RoomVersion.find(version).orElseThrow();
  }

  /** A room of Alice's, public to join, with one message. */
  static RoomFixture withRoom(String version) {
    RoomFixture fixture = new RoomFixture(version);
    assertThat(fixture.createRoom()).isInstanceOf(Outcome.Done.class);
    return fixture;
  }

  Outcome createRoom(Draft... more) {
    return createRoom(null, more);
  }

  Outcome createRoom(@Nullable RoomAlias alias, Draft... more) {
    return decide(createCommand(alias, more));
  }

  RoomCommand.CreateRoom createCommand(@Nullable RoomAlias alias, Draft... more) {
    ObjectNode create = Json.object().put("type", "m.room.create");
    create.put("state_key", "").put("sender", ALICE.value());
    ObjectNode content = create.putObject("content").put("room_version", version.id());
    if (version.auth().creatorInContent()) {
      content.put("creator", ALICE.value());
    }
    content.put("nonce", "n" + offset);
    if (!version.events().roomIdFromCreate()) {
      create.put("room_id", "!room" + offset + ":one.example");
    }
    if (version.events().idGiven()) {
      create.put("event_id", "$create" + offset + ":one.example");
    }
    create.put("origin_server_ts", TS).put("depth", 1);
    create.putArray("prev_events");
    create.putArray("auth_events");
    ObjectNode minted = EventHashes.withContentHash(create, version);
    room = EventHashes.roomIdOfCreate(minted, version);
    List<Draft> drafts = new ArrayList<>();
    drafts.add(state("m.room.member", ALICE.value(), membership("join")));
    ObjectNode levels = Json.object();
    ObjectNode users = levels.putObject("users");
    if (!version.auth().privilegedCreators()) {
      users.put(ALICE.value(), 100);
    }
    drafts.add(state("m.room.power_levels", "", levels));
    drafts.add(state("m.room.join_rules", "", Json.object().put("join_rule", "public")));
    drafts.addAll(List.of(more));
    return new RoomCommand.CreateRoom(
        nextId(), TS, room, version.id(), ALICE, minted, drafts, alias);
  }

  static Draft state(String type, String key, ObjectNode content) {
    return new Draft(ALICE, type, key, content);
  }

  static ObjectNode membership(String membership) {
    return Json.object().put("membership", membership);
  }

  String nextId() {
    return "command" + commands++;
  }

  Outcome decide(RoomCommand command) {
    return decide(command, machine);
  }

  private Outcome decide(RoomCommand command, RoomMachine by) {
    RoomCommand decoded = LogJson.decode(LogJson.encode(command), RoomCommand.class);
    List<Output> sent = by.decide(state, decoded, Position.ofOffset(offset++));
    outputs.addAll(sent);
    for (Output output : sent) {
      if (output.record() instanceof RoomRecord record) {
        records.add(record);
      }
    }
    Tick tick = LogJson.decode(Objects.requireNonNull(sent.getLast().value()), Tick.class);
    Tick.Decided decided = (Tick.Decided) tick;
    assertThat(decided.commandId()).isEqualTo(command.id());
    assertThat(decided.position()).isEqualTo(records.getLast().position());
    assertThat(records.getLast().last()).isTrue();
    return decided.outcome();
  }

  Outcome send(UserId sender, String body, @Nullable String txnId) {
    Draft draft =
        new Draft(
            sender, "m.room.message", null, Json.object().put("body", body).putNull("absent"));
    Transaction transaction = txnId == null ? null : new Transaction(DEVICE, txnId);
    return decide(new RoomCommand.SendEvent(nextId(), TS + offset, room, draft, transaction));
  }

  Outcome sendTyped(String type, String txnId) {
    Draft draft = new Draft(ALICE, type, null, Json.object());
    Transaction transaction = new Transaction(DEVICE, txnId);
    return decide(new RoomCommand.SendEvent(nextId(), TS + offset, room, draft, transaction));
  }

  Outcome setState(UserId sender, String type, String key, ObjectNode content) {
    Draft draft = new Draft(sender, type, key, content);
    return decide(new RoomCommand.SendEvent(nextId(), TS + offset, room, draft, null));
  }

  Outcome change(UserId sender, UserId target, Action action) {
    return change(sender, target, action, Json.object());
  }

  Outcome change(UserId sender, UserId target, Action action, ObjectNode content) {
    return decide(
        new RoomCommand.ChangeMembership(
            nextId(), TS + offset, room, sender, target, action, content, null, false));
  }

  /** The user joins through a server that has the room. */
  Outcome joinThrough(ForeignRoom far, UserId user, List<EventId> prevEvents) {
    Pdu join =
        far.make(user, "m.room.member", user.value(), membership("join"), prevEvents, TS + offset);
    return joinThrough(join, far.joinAnswer(join), 500);
  }

  Outcome joinThrough(Pdu join, List<RoomCommand.JoinEvent> answer, int chunk) {
    String joinId = nextId();
    room = join.roomId();
    Outcome begun =
        decide(
            new RoomCommand.BeginJoin(
                nextId(), TS + offset, room, joinId, version.id(), join.json()));
    assertThat(begun).isEqualTo(Decision.done());
    for (int i = 0; i < answer.size(); i += chunk) {
      List<RoomCommand.JoinEvent> part = answer.subList(i, Math.min(i + chunk, answer.size()));
      decide(new RoomCommand.JoinEvents(nextId(), TS + offset, room, joinId, part));
    }
    while (true) {
      Outcome outcome =
          decide(new RoomCommand.CommitJoin(nextId(), TS + offset, room, joinId, join.json()));
      if (!(outcome instanceof Outcome.Done done && done.result().path("more").asBoolean())) {
        return outcome;
      }
    }
  }

  Outcome redact(UserId sender, EventId target) {
    return decide(new RoomCommand.Redact(nextId(), TS + offset, room, sender, target, null, null));
  }

  EventId eventOf(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return new EventId(((Outcome.Done) outcome).result().path("event_id").asText());
  }

  Head head() {
    return Objects.requireNonNull(new RoomStore().head(state, room));
  }

  /** The event that is the current state under this key. */
  Pdu current(String type, String key) {
    RoomStore store = new RoomStore();
    StateLookup lookup = store.lookup(state, store.tree(state), room, head().root());
    return lookup.get(new StateKey(type, key)).orElseThrow();
  }

  String membershipOf(UserId user) {
    return current("m.room.member", user.value()).content().path("membership").asText();
  }

  List<AccountCommand> crossing() {
    return outputs.stream()
        .filter(output -> output.topic() == Topic.ACCOUNT_COMMANDS)
        .map(output -> LogJson.decode(Objects.requireNonNull(output.value()), AccountCommand.class))
        .toList();
  }

  List<RoomEffect> effects() {
    return outputs.stream()
        .filter(output -> output.topic() == Topic.ROOM_EFFECTS)
        .map(output -> LogJson.decode(Objects.requireNonNull(output.value()), RoomEffect.class))
        .toList();
  }

  <T extends RoomRecord> List<T> records(Class<T> type) {
    return records.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** A member of a command's result, as text. */
  static String result(Outcome outcome, String member) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done) outcome).result().path(member).asText();
  }

  static void assertFailed(Outcome outcome, Failure failure) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed) outcome).failure()).isEqualTo(failure);
  }

  KnownEvent known(EventId event) {
    return Objects.requireNonNull(new RoomStore().event(state, room, event));
  }

  Outcome receive(Pdu pdu) {
    return receive(pdu, null, null);
  }

  Outcome receive(
      Pdu pdu, @Nullable ServerName relayAs, RoomCommand.@Nullable StateBefore stateBefore) {
    return decide(
        new RoomCommand.ReceiveEvent(
            nextId(),
            TS + offset,
            room,
            pdu.sender().server(),
            pdu.json(),
            true,
            relayAs,
            stateBefore));
  }

  List<Output> bodies() {
    return outputs.stream().filter(output -> output.topic() == Topic.ROOM_BODIES).toList();
  }

  String newestBody() {
    byte[] value = Objects.requireNonNull(bodies().getLast().value());
    return new String(value, StandardCharsets.UTF_8);
  }

  /**
   * Applying the log's records to nothing gives the state that decisions left; and the bodies that
   * they say come with them have come, in this order.
   */
  void assertReplays() {
    assertThat(bodies().stream().filter(body -> body.value() != null).map(Output::key))
        .containsExactlyElementsOf(
            records.stream()
                .flatMap(record -> record.withBody().map(id -> room + "|" + id).stream())
                .toList());
    MapState replayed = new MapState();
    RoomMachine other = new RoomMachine();
    for (Output output : outputs) {
      if (output.topic() == Topic.ROOM_LOG) {
        other.apply(
            replayed, LogJson.decode(Objects.requireNonNull(output.value()), RoomRecord.class));
      }
    }
    assertThat(replayed.contents()).isEqualTo(state.contents());
  }

  /** Zoe joins, from another server that knows the room so far; her join. */
  EventId joinZoe(ForeignRoom far) {
    records(EventDecided.class)
        .forEach(event -> far.learn(new Pdu(event.eventId(), room, event.skeleton())));
    Pdu join =
        far.make(
            ZOE,
            "m.room.member",
            ZOE.value(),
            membership("join"),
            head().tips().stream().map(Head.Tip::event).toList(),
            TS);
    assertThat(result(receive(join), "verdict")).isEqualTo("ACCEPTED");
    return join.id();
  }

  /** The room gets a policy server, of which Zoe is joined. */
  void usePolicyServer(ForeignRoom far, SigningKey key) {
    joinZoe(far);
    ObjectNode policy = Json.object().put("via", ZOE.server().value());
    policy.putObject("public_keys").put("ed25519", key.publicKeyBase64());
    EventId set = eventOf(setState(ALICE, "m.room.policy", "", policy));
    far.learn(new Pdu(set, room, known(set).skeleton()));
  }
}
