package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.stateres.room.FarRoom.YAN;
import static org.headrace.stateres.room.FarRoom.ZOE;
import static org.headrace.stateres.room.RoomFixture.ALICE;
import static org.headrace.stateres.room.RoomFixture.TS;
import static org.headrace.stateres.room.RoomFixture.assertFailed;
import static org.headrace.stateres.room.RoomFixture.result;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.ReceivedEvent;
import org.headrace.schema.command.RoomCommand.StateBefore;
import org.headrace.schema.effect.RoomEffect;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.RoomRecord.GapChanged;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gaps, and history that is fetched into them. */
class HistoryTest {
  private RoomFixture fixture = new RoomFixture("12");
  private FarRoom room = new FarRoom("12");
  private EventId join = new EventId("$none");

  /** Alice has joined a room with this history behind its first events. */
  private void begin(String version) {
    fixture = new RoomFixture(version);
    room = new FarRoom(version);
    room.message(YAN, "one");
    room.state(ZOE, "m.room.topic", "", Json.object().put("topic", "first"));
    room.message(YAN, "two");
    room.state(ZOE, "m.room.topic", "", Json.object().put("topic", "second"));
    room.message(YAN, "three");
    join = fixture.eventOf(fixture.joinThrough(room.far, ALICE, List.of(room.last())));
  }

  private GapChanged gap() {
    return fixture.records(GapChanged.class).getLast();
  }

  private Outcome request(EventId gapId, long ts) {
    return fixture.decide(
        new RoomCommand.RequestBackfill(
            fixture.nextId(), ts, fixture.room, gapId, ALICE.server(), 100));
  }

  private Outcome backfill(
      EventId gapId, @Nullable StateBefore stateBefore, Collection<Pdu> events) {
    List<ReceivedEvent> received =
        events.stream().map(pdu -> new ReceivedEvent(pdu.json(), true)).toList();
    return fixture.decide(
        new RoomCommand.Backfill(
            fixture.nextId(), TS, fixture.room, gapId, ZOE.server(), received, stateBefore, null));
  }

  /** What the other server would say of the state before an event, against that before the join. */
  private StateBefore stateBefore(Pdu pdu) {
    return stateBefore(pdu, join);
  }

  private StateBefore stateBefore(Pdu pdu, EventId base) {
    var ours = new RoomStore().tree(fixture.state).entries(fixture.known(base).before());
    var theirs = room.far.stateBefore(pdu.prevEvents());
    TreeMap<StateKey, StateChange> changes = new TreeMap<>();
    ours.keySet()
        .forEach(key -> changes.put(key, new StateChange(key.type(), key.stateKey(), null)));
    theirs.forEach(
        (key, event) -> {
          changes.put(key, new StateChange(key.type(), key.stateKey(), event));
          if (event.equals(ours.get(key))) {
            changes.remove(key);
          }
        });
    return new StateBefore(base, List.copyOf(changes.values()));
  }

  /** Events of a past state, which its server is asked for before. */
  private void bringOutliers(Collection<EventId> events) {
    fixture.decide(
        new RoomCommand.ReceiveOutliers(
            fixture.nextId(),
            TS,
            fixture.room,
            ZOE.server(),
            events.stream()
                .map(event -> new ReceivedEvent(room.far.pdu(event).json(), true))
                .toList()));
  }

  private void assertStateIsTheirs(Pdu pdu) {
    assertThat(new RoomStore().tree(fixture.state).entries(fixture.known(pdu.id()).before()))
        .as("state before " + pdu.json())
        .isEqualTo(new TreeMap<>(room.far.stateBefore(pdu.prevEvents())));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "6", "10", "11", "12"})
  void historyComesBelowWhatIsHeldDownToTheBeginning(String version) {
    begin(version);
    Head before = fixture.head();
    Outcome asked = request(join, TS);
    RoomEffect.FetchHistory effect = (RoomEffect.FetchHistory) fixture.effects().getLast();
    assertThat(result(asked, "effect")).isEqualTo(effect.id());
    assertThat(effect.frontier()).containsExactly(join);
    int half = room.line.size() - 3;
    List<Pdu> late = room.line.subList(half, room.line.size());
    bringOutliers(room.far.stateBefore(late.getFirst().prevEvents()).values());
    assertThat(result(backfill(join, stateBefore(late.getFirst()), late), "events")).isEqualTo("3");
    assertThat(gap().asked()).isNull();
    assertThat(gap().frontier()).containsExactly(late.getFirst().id());
    assertThat(gap().bottom()).isEqualTo(late.getFirst().id());

    List<Pdu> early = room.line.subList(0, half);
    assertThat(result(backfill(join, null, early), "events")).isEqualTo("" + half);
    assertThat(gap().frontier()).isEmpty();
    assertThat(request(join, TS)).isEqualTo(new Outcome.Done(Json.object().put("complete", true)));

    // Newest first, each against its newer neighbour.
    List<EventDecided> records =
        fixture.records(EventDecided.class).stream()
            .filter(event -> event.before() != null && event.before().base() != null)
            .toList();
    assertThat(records)
        .extracting(EventDecided::eventId)
        .containsExactlyElementsOf(room.line.reversed().stream().map(Pdu::id).toList());
    long place = fixture.head().shown();
    EventId base = join;
    for (EventDecided record : records) {
      assertThat(Objects.requireNonNull(record.place())).isEqualTo(--place);
      assertThat(Objects.requireNonNull(record.before()).base()).isEqualTo(base);
      assertThat(record.current().changes()).isEmpty();
      assertThat(record.sendAs()).isEmpty();
      base = record.eventId();
    }
    room.line.forEach(this::assertStateIsTheirs);
    // Nothing of the present has changed.
    assertThat(fixture.head()).isEqualTo(before);
    // What follows history now is decided.
    assertThat(result(fixture.receive(room.message(YAN, "late", room.last())), "verdict"))
        .isEqualTo("ACCEPTED");
    Pdu topic = room.far.make(ZOE, "m.room.topic", "", Json.object(), List.of(room.last()), TS + 5);
    assertThat(result(fixture.receive(topic), "verdict")).isEqualTo("ACCEPTED");
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "11", "12"})
  void aRedactionInVainIsNotShownInHistory(String version) {
    fixture = new RoomFixture(version);
    room = new FarRoom(version);
    EventId ofZoe = room.message(ZOE, "stays").id();
    EventId ofYan = room.message(YAN, "goes").id();
    EventId own = room.redaction(YAN, ofYan).id();
    EventId inVain = room.redaction(YAN, ofZoe).id();
    room.message(YAN, "last");
    join = fixture.eventOf(fixture.joinThrough(room.far, ALICE, List.of(room.last())));
    backfill(join, null, room.line);
    assertThat(decided(own).verdict()).isEqualTo(Verdict.ACCEPTED);
    assertThat(decided(inVain).verdict()).isEqualTo(Verdict.SOFT_FAILED);
    assertThat(decided(inVain).place()).isNull();
    assertThat(fixture.records(RoomRecord.EventRedacted.class))
        .extracting(RoomRecord.EventRedacted::target)
        .containsExactly(ofYan);
    fixture.assertReplays();
  }

  private EventDecided decided(EventId event) {
    return fixture.records(EventDecided.class).stream()
        .filter(record -> record.eventId().equals(event))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"12"})
  void oneEffectRunsAtATimeForEachGap(String version) {
    begin(version);
    String first = result(request(join, TS), "effect");
    assertThat(result(request(join, TS + Gaps.ASKED_MILLIS - 1), "effect")).isEqualTo(first);
    assertThat(fixture.effects()).hasSize(1);
    assertThat(result(request(join, TS + Gaps.ASKED_MILLIS), "effect")).isNotEqualTo(first);
    assertThat(fixture.effects()).hasSize(2);
    // Nobody has it: the gap stays, and may be asked for at once.
    Outcome none =
        fixture.decide(
            new RoomCommand.Backfill(
                first, TS, fixture.room, join, ZOE.server(), List.of(), null, "nobody has it"));
    assertThat(result(none, "events")).isEqualTo("0");
    assertThat(result(none, "refusal")).isEqualTo("nobody has it");
    request(join, TS);
    assertThat(fixture.effects()).hasSize(3);
    assertThat(request(new EventId("$nogap"), TS))
        .isEqualTo(new Outcome.Done(Json.object().put("complete", true)));
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void repeatsAndStrangersAddNothing(String version) {
    begin(version);
    List<Pdu> late = room.line.subList(room.line.size() - 2, room.line.size());
    backfill(join, stateBefore(late.getFirst()), late);
    assertThat(result(backfill(join, stateBefore(late.getFirst()), late), "events")).isEqualTo("0");
    Pdu beside = room.message(ZOE, "nobody follows it", room.line.getFirst().id());
    assertThat(result(backfill(join, stateBefore(beside), List.of(beside)), "events"))
        .isEqualTo("0");
    ForeignRoom other = new ForeignRoom(fixture.version);
    assertThat(result(backfill(join, null, List.of(other.create(ZOE, "other"))), "events"))
        .isEqualTo("0");
    // Without the state before it, history cannot be judged.
    Pdu next = room.line.get(room.line.size() - 3);
    assertFailed(backfill(join, null, List.of(next)), Failure.BAD_STATE);
    assertThat(gap().frontier()).containsExactly(late.getFirst().id());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatWasForbiddenIsNotShownAndLeadsOn(String version) {
    fixture = new RoomFixture(version);
    room = new FarRoom(version);
    room.message(YAN, "fine");
    Pdu forbidden = room.state(YAN, "m.room.topic", "", Json.object().put("topic", "mine"));
    // As a server says that takes the topic for refused.
    Pdu after = room.message(YAN, "after it");
    join = fixture.eventOf(fixture.joinThrough(room.far, ALICE, List.of(after.id())));
    backfill(join, null, room.line);
    assertThat(fixture.known(forbidden.id()).verdict()).isEqualTo(Verdict.REJECTED);
    assertThat(fixture.known(after.id()).verdict()).isEqualTo(Verdict.ACCEPTED);
    assertThat(fixture.known(after.id()).before())
        .isEqualTo(fixture.known(forbidden.id()).before());
    assertThat(gap().frontier()).isEmpty();
    EventDecided record =
        fixture.records(EventDecided.class).stream()
            .filter(event -> event.eventId().equals(forbidden.id()))
            .findFirst()
            .orElseThrow();
    assertThat(record.place()).isNull();
    assertThat(record.hasBody()).isFalse();
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void forkedHistoryIsOrderedByWhatItFollows(String version) {
    fixture = new RoomFixture(version);
    room = new FarRoom(version);
    EventId root = room.last();
    Pdu left = room.message(YAN, "left", root);
    Pdu name = room.far.make(ZOE, "m.room.name", "", Json.object(), List.of(root), TS);
    Pdu merged = room.message(YAN, "merged", left.id(), name.id());
    join = fixture.eventOf(fixture.joinThrough(room.far, ALICE, List.of(merged.id())));
    List<Pdu> mixed = new ArrayList<>(List.of(merged, name, left));
    mixed.addAll(room.line);
    assertThat(result(backfill(join, null, mixed), "events")).isEqualTo("" + mixed.size());
    mixed.forEach(this::assertStateIsTheirs);
    TreeMap<Long, EventId> places = new TreeMap<>();
    fixture
        .records(EventDecided.class)
        .forEach(event -> places.put(Objects.requireNonNull(event.place()), event.eventId()));
    List<EventId> shown = List.copyOf(places.values());
    assertThat(shown.indexOf(root)).isLessThan(shown.indexOf(left.id()));
    assertThat(shown.indexOf(left.id())).isLessThan(shown.indexOf(merged.id()));
    assertThat(shown.indexOf(name.id())).isLessThan(shown.indexOf(merged.id()));
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void anEventBeyondTheReachOfFetchingOpensAGap(String version) {
    begin(version);
    Pdu lost = room.message(YAN, "lost", join);
    Pdu topic =
        room.far.make(
            ZOE, "m.room.topic", "", Json.object().put("topic", "3"), List.of(lost.id()), TS + 9);
    Pdu found = room.message(YAN, "found", topic.id());
    assertThat(result(fixture.receive(found), "verdict")).isEqualTo("WAITING");
    // The state that the origin tells: one event of it comes as an outlier.
    bringOutliers(List.of(topic.id()));
    long shown = fixture.head().shown();
    StateBefore told =
        new StateBefore(
            join,
            List.of(
                new StateChange("m.room.topic", "", topic.id()),
                new StateChange("m.room.member", ALICE.value(), join),
                new StateChange("m.room.name", "", topic.id()),
                new StateChange("m.room.avatar", "", new EventId("$unknown"))));
    assertThat(result(fixture.receive(found, null, told), "verdict")).isEqualTo("ACCEPTED");
    assertThat(fixture.head().waiting()).isZero();
    assertThat(fixture.state.cells("m|", 10)).isEmpty();
    assertThat(fixture.current("m.room.topic", "").id()).isEqualTo(topic.id());
    assertStateIsTheirs(found);
    assertThat(gap().gapId()).isEqualTo(found.id());
    assertThat(gap().floor()).isEqualTo(shown);
    EventId gapId = found.id();
    backfill(gapId, null, List.of(lost, topic));
    assertThat(gap().gapId()).isEqualTo(gapId);
    assertThat(gap().frontier()).isEmpty();
    assertStateIsTheirs(topic);
    long place = Objects.requireNonNull(placeOf(lost.id()));
    assertThat(place).isGreaterThan(shown).isLessThan(fixture.head().shown());
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void behindAnUnshownEventIsAGapOfWhatFollowsIt(String version) {
    EventId found = followAnUnshownEvent(version);
    assertThat(gap().gapId()).isEqualTo(found);
    Pdu lost = room.line.getLast();
    assertThat(result(backfill(found, null, List.of(lost)), "events")).isEqualTo("1");
    assertThat(gap().frontier()).isEmpty();
    assertThat(Objects.requireNonNull(placeOf(lost.id())))
        .isLessThan(Objects.requireNonNull(placeOf(found)));
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatComesBehindAnUnshownEventIsNoExtremity(String version) {
    EventId found = followAnUnshownEvent(version);
    List<EventId> before = extremities();
    assertThat(before).contains(found);
    assertThat(result(fixture.receive(room.line.getLast()), "verdict")).isEqualTo("ACCEPTED");
    assertThat(extremities()).isEqualTo(before);
    fixture.assertReplays();
  }

  private List<EventId> extremities() {
    return fixture.records(EventDecided.class).getLast().extremities();
  }

  /**
   * Who is banned meanwhile follows an event that is not held, the last of the line; who is not
   * follows that.
   *
   * @return the last event, which is shown
   */
  private EventId followAnUnshownEvent(String version) {
    begin(version);
    ObjectNode banned = Json.object().put("membership", "ban");
    Pdu ban = room.far.make(ZOE, "m.room.member", YAN.value(), banned, List.of(join), TS);
    assertThat(result(fixture.receive(ban), "verdict")).isEqualTo("ACCEPTED");
    Pdu lost = room.message(ZOE, "lost", join);
    room.line.add(lost);
    Pdu unshown = room.message(YAN, "unshown", lost.id());
    assertThat(result(fixture.receive(unshown, null, stateBefore(unshown)), "verdict"))
        .isEqualTo("SOFT_FAILED");
    Pdu found = room.message(ZOE, "found", unshown.id());
    assertThat(result(fixture.receive(found), "verdict")).isEqualTo("ACCEPTED");
    return found.id();
  }

  private @Nullable Long placeOf(EventId event) {
    return fixture.records(EventDecided.class).stream()
        .filter(record -> record.eventId().equals(event))
        .findFirst()
        .orElseThrow()
        .place();
  }

  @ParameterizedTest
  @ValueSource(strings = {"12"})
  void aStateThatCannotBeMadeOutIsRefused(String version) {
    begin(version);
    Pdu lost = room.message(YAN, "lost", join);
    Pdu found = room.message(YAN, "found", lost.id());
    assertFailed(
        fixture.receive(found, null, new StateBefore(new EventId("$unknown"), List.of())),
        Failure.BAD_STATE);
    // An outlier has no state to tell against.
    assertFailed(
        fixture.receive(found, null, new StateBefore(room.last(), List.of())), Failure.BAD_STATE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aRedactionOfHistoryTakesTheContentWhenItComes(String version) {
    begin(version);
    Pdu target = room.line.get(room.line.size() - 1);
    ObjectNode content = Json.object().put("redacts", target.id().value());
    Pdu redaction = room.far.make(YAN, "m.room.redaction", null, content, List.of(join), TS);
    assertThat(result(fixture.receive(redaction), "verdict")).isEqualTo("ACCEPTED");
    backfill(join, stateBefore(target), List.of(target));
    assertThat(fixture.records(RoomRecord.EventRedacted.class))
        .singleElement()
        .extracting(RoomRecord.EventRedacted::target)
        .isEqualTo(target.id());
    assertThat(fixture.bodies().getLast().value()).isNull();
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aGapWithoutPlacesIsClosed(String version) {
    begin(version);
    Pdu lost = room.message(YAN, "lost", join);
    List<Pdu> many = new ArrayList<>(List.of(lost));
    for (int i = 0; i < 5; i++) {
      many.add(room.message(YAN, "m" + i, many.getLast().id()));
    }
    Pdu found = room.message(YAN, "found", many.getLast().id());
    fixture.receive(found, null, stateBefore(found));
    GapChanged open = gap();
    // As if it were narrow.
    new RoomMachine()
        .apply(
            fixture.state,
            new RoomRecord.GapChanged(
                open.position(),
                fixture.room,
                "test",
                true,
                open.gapId(),
                open.bottom(),
                open.frontier(),
                open.floor() + 2,
                open.floor(),
                null));
    assertThat(result(backfill(found.id(), null, many), "events")).isEqualTo("2");
    assertThat(gap().frontier()).isEmpty();
  }
}
