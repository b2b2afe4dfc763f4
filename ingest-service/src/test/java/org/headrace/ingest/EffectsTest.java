package org.headrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.fixture.NeighbourServer;
import org.headrace.ingest.effects.EffectWorker;
import org.headrace.ingest.remote.Portions;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.AppendMinted;
import org.headrace.schema.command.RoomCommand.Backfill;
import org.headrace.schema.command.RoomCommand.ReceiveEvent;
import org.headrace.schema.command.RoomCommand.ReceiveOutliers;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.record.StateChange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What rooms need from the network: what is asked of real servers, and what comes back to them. */
@QuarkusTest
class EffectsTest {
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final long WAIT_SECONDS = 60;

  @Inject FakeCommandLog log;
  @Inject FakeServer server;
  @Inject EffectWorker worker;

  private NeighbourServer neighbour;
  private UserId bob;
  private RoomBuilder room;

  @BeforeEach
  void prepare() {
    log.reset();
    server.speakWith(FederationPolicy.OPEN);
    server.policyServer(null);
    server.rooms().clear();
    neighbour = FakeServer.neighbour(21);
    bob = neighbour.user("bob");
    room = RoomBuilder.publicRoom(RoomVersion.V12, bob);
    room.join(ALICE);
    neighbour.hold(room);
    // The room decides what it is given.
    log.onSubmit(command -> decide(command));
  }

  @AfterEach
  void close() {
    neighbour.close();
  }

  private void decide(RoomCommand command) {
    for (RoomCommand given : log.rooms()) {
      if (given instanceof ReceiveEvent received) {
        server.rooms().place(EventHashes.pdu(received.pdu(), room.version()), room);
      }
    }
    server.rooms().place(room.events().getLast(), room);
  }

  private void run(RoomEffect effect) throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    worker.work(effect, done::countDown);
    assertThat(done.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  // Missing events

  @Test
  void whatIsMissingComesOldestFirst() throws Exception {
    int held = room.events().size();
    for (int i = 0; i < 30; i++) {
      room.message(bob, "m" + i);
    }
    server.rooms().load(room, held);
    run(fetch());
    List<EventId> given = received();
    assertThat(given).isEqualTo(ids(room.events().subList(held, room.events().size() - 1)));
    assertThat(log.rooms())
        .allSatisfy(command -> assertThat(((ReceiveEvent) command).stateBefore()).isNull());
    assertThat(neighbour.asked("state")).isZero();
  }

  @Test
  void whatNeedsViewsThatAreAwayIsDoneWhenTheyAreBack() throws Exception {
    int held = room.events().size();
    room.message(bob, "1");
    room.message(bob, "2");
    server.rooms().load(room, held);
    AtomicBoolean away = new AtomicBoolean(true);
    log.onSubmit(
        command -> {
          if (away.getAndSet(false)) {
            throw new ViewsUnavailableException("away", null);
          }
          decide(command);
        });
    run(fetch());
    assertThat(received()).contains(room.events().get(held).id());
  }

  @Test
  void onlyWhatIsMissingIsAskedFor() throws Exception {
    int held = room.events().size();
    room.message(bob, "1");
    room.message(bob, "2");
    server.rooms().load(room, held);
    run(fetch());
    assertThat(received()).isEqualTo(ids(room.events().subList(held, room.events().size() - 1)));
    assertThat(neighbour.asked("get_missing_events")).isEqualTo(1);
    assertThat(neighbour.asked("event")).as("the event itself has come").isZero();
  }

  @Test
  void aServerWithoutMissingEventsIsAskedForEachOfThem() throws Exception {
    int held = room.events().size();
    room.message(bob, "1");
    room.message(bob, "2");
    server.rooms().load(room, held);
    neighbour.answer(
        "get_missing_events",
        asked -> new NeighbourServer.Reply(404, Json.object().put("errcode", "M_UNRECOGNIZED")));
    run(fetch());
    assertThat(received()).isEqualTo(ids(room.events().subList(held, room.events().size() - 1)));
  }

  @Test
  void beyondTheLimitsTheOriginsWordForTheStateIsTaken() throws Exception {
    int held = room.events().size();
    room.state(bob, "m.room.topic", "", Json.object().put("topic", "t"));
    for (int i = 0; i < 500; i++) {
      room.message(bob, "m" + i);
    }
    server.rooms().load(room, held);
    run(fetch());
    List<RoomCommand> commands = log.rooms();
    ReceiveOutliers outliers = outliers().getFirst();
    assertThat(outliers.events())
        .anySatisfy(
            event -> assertThat(event.pdu().path("type").asText()).isEqualTo("m.room.topic"));
    List<ReceiveEvent> received =
        commands.stream()
            .filter(ReceiveEvent.class::isInstance)
            .map(ReceiveEvent.class::cast)
            .toList();
    assertThat(received.getFirst().stateBefore()).isNotNull();
    assertThat(received.getFirst().stateBefore().changes())
        .extracting(StateChange::type)
        .contains("m.room.topic");
    assertThat(received.subList(1, received.size()))
        .allSatisfy(event -> assertThat(event.stateBefore()).isNull());
    assertThat(commands.indexOf(outliers)).isLessThan(commands.indexOf(received.getFirst()));
  }

  /** So that commands of other rooms come between them, however busy the partition is. */
  @Test
  void aLargeStateIsGivenToTheRoomAPortionAtATime() throws Exception {
    int held = manyAreMissing();
    List<RoomCommand> awaited = new ArrayList<>();
    log.onSubmit(
        command -> {
          awaited.add(command);
          decide(command);
        });
    run(fetch());
    List<ReceiveOutliers> portions = outliers();
    assertThat(portions).hasSizeGreaterThanOrEqualTo(3);
    assertThat(portions)
        .allSatisfy(
            portion -> assertThat(portion.events()).hasSizeLessThanOrEqualTo(Portions.EVENTS_MAX));
    assertThat(awaited).containsAll(portions);
    assertThat(portions.stream().mapToInt(portion -> portion.events().size()).sum())
        .isGreaterThanOrEqualTo(room.events().size() - held - 500);
    int unawaited = 0;
    for (RoomCommand command : log.rooms()) {
      unawaited = awaited.contains(command) ? 0 : unawaited + 1;
      assertThat(unawaited).isLessThan(Portions.COMMANDS_MAX);
    }
  }

  @Test
  void whereNothingIsDecidedNothingMoreGoesIn() throws Exception {
    int unused = manyAreMissing();
    log.beSilent();
    run(fetch());
    assertThat(outliers()).hasSize(1);
    assertThat(received()).isEmpty();
  }

  /** A state of hundreds of events, and more messages after it than are fetched. */
  private int manyAreMissing() {
    int held = room.events().size();
    for (int i = 0; i < 250; i++) {
      room.join(neighbour.user("many" + i));
    }
    for (int i = 0; i < 500; i++) {
      room.message(bob, "m" + i);
    }
    server.rooms().load(room, held);
    return held;
  }

  private List<ReceiveOutliers> outliers() {
    return log.rooms().stream()
        .filter(ReceiveOutliers.class::isInstance)
        .map(ReceiveOutliers.class::cast)
        .toList();
  }

  @Test
  void whereTheOriginIsGoneTheRoomsOtherServersAreAsked() throws Exception {
    int held = room.events().size();
    room.message(bob, "1");
    room.message(bob, "2");
    server.rooms().load(room, held);
    NeighbourServer gone = FakeServer.neighbour(22);
    gone.close();
    Pdu last = room.events().getLast();
    run(fetch(last, gone.name()));
    assertThat(received()).hasSize(1);
  }

  @Test
  void aTenantAsksThatMaySpeakWithTheOrigin() throws Exception {
    room.join(new UserId("@zed:closed.test"));
    int held = room.events().size();
    room.message(bob, "1");
    room.message(bob, "2");
    server.rooms().load(room, held);
    server.speakWith(FakeServer.CLOSED, FederationPolicy.NONE);
    run(fetch());
    assertThat(received()).isEqualTo(ids(room.events().subList(held, room.events().size() - 1)));
  }

  @Test
  void whereNoTenantSpeaksWithTheOriginOtherServersAreAsked() throws Exception {
    int held = room.events().size();
    room.message(bob, "1");
    room.message(bob, "2");
    server.rooms().load(room, held);
    server.speakWith(FederationPolicy.OPEN.without("denied.test"));
    run(fetch(room.events().getLast(), new ServerName("denied.test")));
    assertThat(received()).hasSize(1);
  }

  @Test
  void whatIsKnownMeanwhileIsNotFetched() throws Exception {
    room.message(bob, "1");
    server.rooms().load(room);
    run(fetch());
    assertThat(log.rooms()).isEmpty();
    assertThat(neighbour.asked("get_missing_events")).isZero();
  }

  @Test
  void aServerThatAnswersNonsenseHarmsNobody() throws Exception {
    int held = room.events().size();
    room.message(bob, "1");
    room.message(bob, "2");
    server.rooms().load(room, held);
    ObjectNode nonsense = Json.object();
    nonsense.putArray("events").addObject().put("room_id", 5);
    nonsense.putArray("pdus").addObject();
    for (String operation :
        List.of("event", "get_missing_events", "state_ids", "state", "event_auth")) {
      neighbour.answer(operation, asked -> NeighbourServer.ok(nonsense));
    }
    run(fetch());
    assertThat(log.rooms()).isEmpty();
  }

  private RoomEffect.FetchEvents fetch() {
    return fetch(room.events().getLast(), neighbour.name());
  }

  private RoomEffect.FetchEvents fetch(Pdu last, ServerName origin) {
    return new RoomEffect.FetchEvents(
        "e",
        room.roomId(),
        origin,
        last.id(),
        EventSkeleton.split(last.json(), room.version()).skeleton(),
        last.prevEvents());
  }

  private List<EventId> received() {
    List<EventId> ids = new ArrayList<>();
    for (RoomCommand command : log.rooms()) {
      if (command instanceof ReceiveEvent received) {
        ids.add(EventHashes.eventId(received.pdu(), room.version()));
      }
    }
    return ids;
  }

  private static List<EventId> ids(List<Pdu> events) {
    return events.stream().map(Pdu::id).toList();
  }

  // History

  @Test
  void historyComesUnderTheEffectsIdWithTheStateBeforeIt() throws Exception {
    for (int i = 0; i < 20; i++) {
      room.message(bob, "m" + i);
    }
    // Only the newest event is placed: what a join leaves.
    Pdu newest = room.events().getLast();
    server.rooms().load(room, 6);
    server.rooms().clearEvents();
    server.rooms().place(newest, room);
    run(
        new RoomEffect.FetchHistory(
            "h1", room.roomId(), newest.id(), FakeServer.ONE, List.of(newest.id()), 10));
    Backfill page = (Backfill) log.rooms().getLast();
    assertThat(page.id()).isEqualTo("h1");
    assertThat(page.refusal()).isNull();
    List<EventId> ids =
        page.events().stream()
            .map(event -> EventHashes.eventId(event.pdu(), room.version()))
            .toList();
    int end = room.events().size() - 1;
    assertThat(ids).isEqualTo(ids(room.events().subList(end - 10, end)));
    assertThat(page.stateBefore()).isNotNull();
    assertThat(page.stateBefore().base()).isEqualTo(newest.id());
    assertThat(page.stateBefore().changes()).isEmpty();
  }

  @Test
  void theBeginningOfARoomNeedsNoState() throws Exception {
    Pdu newest = room.events().getLast();
    server.rooms().load(room);
    server.rooms().clearEvents();
    server.rooms().place(newest, room);
    run(
        new RoomEffect.FetchHistory(
            "h2", room.roomId(), newest.id(), FakeServer.ONE, List.of(newest.id()), 50));
    Backfill page = (Backfill) log.rooms().getLast();
    assertThat(page.events()).hasSize(room.events().size() - 1);
    assertThat(page.stateBefore()).isNull();
  }

  @Test
  void noHistoryIsAnAnswerToo() throws Exception {
    server.rooms().load(room);
    neighbour.refuse("backfill", 403, "M_FORBIDDEN");
    Pdu newest = room.events().getLast();
    run(
        new RoomEffect.FetchHistory(
            "h3", room.roomId(), newest.id(), FakeServer.ONE, List.of(newest.id()), 50));
    Backfill page = (Backfill) log.rooms().getLast();
    assertThat(page.events()).isEmpty();
    assertThat(page.refusal()).isNotBlank();
  }

  // Signatures

  @Test
  void anInviteComesBackSignedByTheInvitedServer() throws Exception {
    server.rooms().load(room);
    neighbour.answer(
        "invite",
        asked -> {
          ObjectNode event = (ObjectNode) asked.body().path("event");
          assertThat(event.path("signatures").has("one.test")).isTrue();
          assertThat(asked.body().path("invite_room_state")).hasSize(1);
          return NeighbourServer.ok(
              Json.object()
                  .set(
                      "event",
                      EventSignatures.sign(
                          event, room.version(), neighbour.name(), neighbour.self().key())));
        });
    run(invite());
    AppendMinted append = (AppendMinted) log.rooms().getFirst();
    assertThat(append.id()).isEqualTo("i");
    assertThat(append.refusal()).isNull();
    assertThat(append.signatures().has(neighbour.name().value())).isTrue();
  }

  @Test
  void aRefusedInviteIsToldWithItsReason() throws Exception {
    server.rooms().load(room);
    neighbour.refuse("invite", 403, "M_FORBIDDEN");
    run(invite());
    AppendMinted append = (AppendMinted) log.rooms().getFirst();
    assertThat(append.signatures()).isNull();
    assertThat(append.refusal()).isEqualTo("no");
  }

  @Test
  void anInviteThatComesBackUnsignedIsRefused() throws Exception {
    server.rooms().load(room);
    neighbour.answer(
        "invite",
        asked -> NeighbourServer.ok(Json.object().set("event", asked.body().path("event"))));
    run(invite());
    assertThat(((AppendMinted) log.rooms().getFirst()).refusal()).contains("did not sign");
  }

  @Test
  void aServerThatIsAwayIsAskedAgainAndThenSilent() throws Exception {
    server.rooms().load(room);
    neighbour.refuse("invite", 503, "M_UNKNOWN");
    run(invite());
    assertThat(neighbour.asked("invite")).isGreaterThan(1);
    assertThat(((AppendMinted) log.rooms().getFirst()).refusal()).startsWith("no answer");
  }

  private RoomEffect.SignInvite invite() {
    UserId dora = neighbour.user("dora");
    RoomBuilder.Draft draft = room.draft();
    Pdu event = draft.member(ALICE, dora, "invite");
    return new RoomEffect.SignInvite(
        "i",
        room.roomId(),
        event.id(),
        neighbour.name(),
        "12",
        event.json(),
        List.of(room.create().id()),
        null);
  }

  @Test
  void aPolicyServersSignatureIsCheckedWithTheKeyInTheRoom() throws Exception {
    SigningKey key = SigningKey.fromSeed("ed25519:policy_server", new byte[32]);
    ObjectNode policy = Json.object().put("via", neighbour.name().value());
    policy.putObject("public_keys").put("ed25519", key.publicKeyBase64());
    room.state(bob, "m.room.policy", "", policy);
    server.rooms().load(room);
    Pdu event = room.draft().message(ALICE, "hello");
    RoomEffect effect =
        new RoomEffect.SignByPolicy(
            "p", room.roomId(), event.id(), neighbour.name(), "12", event.json());
    neighbour.answer(
        "sign",
        asked ->
            NeighbourServer.ok(
                EventSignatures.sign(
                        (ObjectNode) asked.body(), room.version(), neighbour.name(), key)
                    .path("signatures")));
    run(effect);
    AppendMinted append = (AppendMinted) log.rooms().getLast();
    assertThat(append.refusal()).isNull();
    assertThat(append.signatures().path(neighbour.name().value()).has(key.keyId())).isTrue();

    neighbour.answer("sign", asked -> NeighbourServer.ok(Json.object()));
    run(effect);
    assertThat(((AppendMinted) log.rooms().getLast()).signatures()).isNull();
    neighbour.refuse("sign", 400, "M_FORBIDDEN");
    run(effect);
    assertThat(((AppendMinted) log.rooms().getLast()).refusal()).isEqualTo("no");
  }

  @Test
  void aTenantThatIsThePolicyServerIsAskedHere() throws Exception {
    UserId carol = new UserId("@carol:" + FakeServer.CLOSED);
    room.join(carol);
    ObjectNode policy = Json.object().put("via", FakeServer.CLOSED.value());
    policy.putObject("public_keys").put("ed25519", FakeServer.POLICY_KEY.publicKeyBase64());
    room.state(bob, "m.room.policy", "", policy);
    server.rooms().load(room);
    Pdu event = room.draft().message(ALICE, "hello");
    RoomEffect effect =
        new RoomEffect.SignByPolicy(
            "p", room.roomId(), event.id(), FakeServer.CLOSED, "12", event.json());
    server.policyServer(FakeServer.CLOSED);
    run(effect);
    AppendMinted append = (AppendMinted) log.rooms().getLast();
    assertThat(append.refusal()).isNull();
    assertThat(append.signatures().path(FakeServer.CLOSED.value()).has(PolicyServer.KEY_ID))
        .isTrue();

    server.speakWith(FederationPolicy.OPEN, FederationPolicy.NONE);
    run(effect);
    assertThat(((AppendMinted) log.rooms().getLast()).signatures()).isNull();
    server.speakWith(FederationPolicy.OPEN);
    server.policyServer(null);
    run(effect);
    assertThat(((AppendMinted) log.rooms().getLast()).refusal()).isNotBlank();
  }
}
