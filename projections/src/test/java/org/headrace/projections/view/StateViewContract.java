package org.headrace.projections.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.OTHER_ROOM;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.create;
import static org.headrace.projections.LogFixture.entry;
import static org.headrace.projections.LogFixture.gap;
import static org.headrace.projections.LogFixture.id;
import static org.headrace.projections.LogFixture.member;
import static org.headrace.projections.LogFixture.message;
import static org.headrace.projections.LogFixture.outlierMember;
import static org.headrace.projections.LogFixture.state;

import java.util.List;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateChange;
import org.junit.jupiter.api.Test;

public abstract class StateViewContract extends ViewContract {
  private static final StateKey NAME = new StateKey("m.room.name", "");
  private static final StateKey TOPIC = new StateKey("m.room.topic", "");

  @Test
  void answersAsOfAnyPosition() {
    fold(
        state(ROOM, at(2), "n1", "m.room.name", "").record(),
        state(ROOM, at(5), "n2", "m.room.name", "").record(),
        message(ROOM, at(8), "gone").change("m.room.name", "", null).record());
    assertThat(views.state().entry(ROOM, NAME, Position.NONE)).isEmpty();
    assertThat(views.state().entry(ROOM, NAME, at(1))).isEmpty();
    assertThat(views.state().entry(ROOM, NAME, at(2))).contains(id("n1"));
    assertThat(views.state().entry(ROOM, NAME, at(4, 7))).contains(id("n1"));
    assertThat(views.state().entry(ROOM, NAME, at(5))).contains(id("n2"));
    assertThat(views.state().entry(ROOM, NAME, at(9))).isEmpty();
    assertThat(views.state().entry(OTHER_ROOM, NAME, at(9))).isEmpty();
  }

  @Test
  void listsStateByTypeAndKey() {
    fold(
        create(ROOM, at(0), "create").record(),
        member(ROOM, at(1), "b1", BOB, "join").record(),
        member(ROOM, at(2), "a1", ALICE, "join").record(),
        state(ROOM, at(3), "n1", "m.room.name", "").record(),
        member(ROOM, at(4), "b2", BOB, "leave").record(),
        state(OTHER_ROOM, at(4), "x", "m.room.name", "").record());
    assertThat(views.state().all(ROOM, at(3)))
        .containsExactly(
            new StateView.Entry(StateKey.CREATE, id("create")),
            new StateView.Entry(StateKey.member(ALICE.value()), id("a1")),
            new StateView.Entry(StateKey.member(BOB.value()), id("b1")),
            new StateView.Entry(NAME, id("n1")));
    assertThat(views.state().ofType(ROOM, "m.room.member", at(4)))
        .containsExactly(
            new StateView.Entry(StateKey.member(ALICE.value()), id("a1")),
            new StateView.Entry(StateKey.member(BOB.value()), id("b2")));
    assertThat(views.state().ofType(ROOM, "m.room.member", at(1)))
        .containsExactly(new StateView.Entry(StateKey.member(BOB.value()), id("b1")));
    assertThat(views.state().ofType(ROOM, "m.room", at(9))).isEmpty();
  }

  @Test
  void jumpsOverManyVersions() {
    for (int i = 0; i < 50; i++) {
      fold(state(ROOM, at(i), "n" + i, "m.room.name", "").record());
    }
    fold(state(ROOM, at(10, 1), "topic", "m.room.topic", "").record());
    assertThat(views.state().all(ROOM, at(20)))
        .containsExactly(
            new StateView.Entry(NAME, id("n20")),
            new StateView.Entry(new StateKey("m.room.topic", ""), id("topic")));
    assertThat(views.state().all(ROOM, at(5))).containsExactly(new StateView.Entry(NAME, id("n5")));
  }

  @Test
  void takesAnyStateKey() {
    String odd = "a\u0000b\u0001|\u00e9\ud83d\ude00";
    fold(
        state(ROOM, at(1), "odd", "t", odd).record(),
        state(ROOM, at(2), "plain", "t", "a").record(),
        state(ROOM, at(3), "empty", "t", "").record());
    assertThat(views.state().entry(ROOM, new StateKey("t", odd), at(3))).contains(id("odd"));
    assertThat(views.state().ofType(ROOM, "t", at(3)))
        .containsExactlyInAnyOrder(
            new StateView.Entry(new StateKey("t", ""), id("empty")),
            new StateView.Entry(new StateKey("t", "a"), id("plain")),
            new StateView.Entry(new StateKey("t", odd), id("odd")));
  }

  @Test
  void listsChangesBetweenPositions() {
    fold(
        state(ROOM, at(1), "n1", "m.room.name", "").record(),
        message(ROOM, at(2), "flip")
            .change("m.room.name", "", null)
            .change("m.room.topic", "", "t1")
            .record(),
        state(ROOM, at(3), "n3", "m.room.name", "").record());
    assertThat(views.state().changes(ROOM, at(1), at(3)))
        .containsExactly(
            new StateView.Change(at(2), NAME, Optional.empty()),
            new StateView.Change(at(2), new StateKey("m.room.topic", ""), Optional.of(id("t1"))),
            new StateView.Change(at(3), NAME, Optional.of(id("n3"))));
    assertThat(views.state().changes(ROOM, Position.NONE, at(1))).hasSize(1);
    assertThat(views.state().changes(ROOM, at(3), at(1))).isEmpty();
  }

  @Test
  void tellsTheStateBeforeALiveEvent() {
    fold(
        state(ROOM, at(1), "n1", "m.room.name", "").record(),
        state(ROOM, at(2), "t1", "m.room.topic", "").record(),
        state(ROOM, at(3), "n3", "m.room.name", "").record(),
        message(ROOM, at(4), "m4").record(),
        message(ROOM, at(5), "fork")
            .before(null, entry("m.room.name", "", "n1"), entry("m.room.topic", "", null))
            .change("m.room.avatar", "", "fork")
            .record());
    assertThat(views.state().entryBefore(ROOM, id("n1"), NAME)).isEmpty();
    assertThat(views.state().entryBefore(ROOM, id("n3"), NAME)).contains(id("n1"));
    assertThat(views.state().entryBefore(ROOM, id("m4"), NAME)).contains(id("n3"));
    assertThat(views.state().entryBefore(ROOM, id("fork"), NAME)).contains(id("n1"));
    assertThat(views.state().entryBefore(ROOM, id("fork"), TOPIC)).isEmpty();
    assertThat(views.state().entryBefore(OTHER_ROOM, id("m4"), NAME)).isEmpty();
    assertThat(views.state().entryBefore(ROOM, id("unknown"), NAME)).isEmpty();
    assertThat(views.state().allBefore(ROOM, id("m4")))
        .containsExactly(new StateView.Entry(NAME, id("n3")), new StateView.Entry(TOPIC, id("t1")));
    assertThat(views.state().allBefore(ROOM, id("fork")))
        .containsExactly(new StateView.Entry(NAME, id("n1")));
    assertThat(views.state().allBefore(ROOM, id("unknown"))).isEmpty();
  }

  @Test
  void tellsTheStateBeforeAnEventByThatOfAnother() {
    fold(
        state(ROOM, at(1), "n1", "m.room.name", "").record(),
        state(ROOM, at(2), "t2", "m.room.topic", "").record(),
        message(ROOM, at(3), "base").before(null, entry("m.room.name", "", null)).record(),
        state(ROOM, at(4), "n4", "m.room.name", "").record(),
        message(ROOM, at(5), "m").before("base", entry("m.room.topic", "", "t5")).record());
    assertThat(views.state().entryBefore(ROOM, id("m"), TOPIC)).contains(id("t5"));
    assertThat(views.state().entryBefore(ROOM, id("m"), NAME)).isEmpty();
    assertThat(views.state().allBefore(ROOM, id("m")))
        .containsExactly(new StateView.Entry(TOPIC, id("t5")));
  }

  @Test
  void hasNoStateBeforeAnOutlier() {
    fold(
        state(ROOM, at(1), "n1", "m.room.name", "").record(),
        outlierMember(ROOM, at(2), "o", BOB, "join"));
    assertThat(views.state().entryBefore(ROOM, id("o"), NAME)).isEmpty();
    assertThat(views.state().allBefore(ROOM, id("o"))).isEmpty();
  }

  /** Two gaps of a room, each backfilled newest first, in two portions. */
  @Test
  void tellsTheStatesOfThePastByPlace() {
    long high = at(10).packed();
    fold(
        state(ROOM, at(1), "n1", "m.room.name", "").record(),
        state(ROOM, at(1, 1), "t1", "m.room.topic", "").record(),
        gap(ROOM, at(1, 2), "n1", List.of("n1"), -1, Long.MIN_VALUE),
        message(ROOM, at(20), "f2").before(null, entry("m.room.name", "", "n19")).record(),
        gap(ROOM, at(20, 1), "f2", List.of("f2"), high, at(1, 1).packed()),
        past(at(30), "p0", -1, "n1"),
        past(at(30, 1), "p1", -2, "p0", entry("m.room.name", "", "n0")),
        past(at(30, 2), "p2", -3, "p1", entry("m.room.avatar", "", "a0")),
        gap(ROOM, at(30, 3), "n1", List.of("p2"), -4, Long.MIN_VALUE),
        past(at(31), "q0", high, "f2", entry("m.room.topic", "", null)),
        past(at(31, 1), "q1", high - 1, "q0", entry("m.room.topic", "", "t9")),
        gap(ROOM, at(31, 2), "f2", List.of(), high - 2, at(1, 1).packed()),
        past(at(32), "p3", -4, "p2", entry("m.room.name", "", null)),
        past(at(32, 1), "p4", -5, "p3", entry("m.room.avatar", "", null)));
    StateKey avatar = new StateKey("m.room.avatar", "");
    assertThat(views.state().entryBefore(ROOM, id("p0"), NAME)).isEmpty();
    assertThat(views.state().entryBefore(ROOM, id("p1"), NAME)).contains(id("n0"));
    assertThat(views.state().entryBefore(ROOM, id("p2"), NAME)).contains(id("n0"));
    assertThat(views.state().entryBefore(ROOM, id("p2"), avatar)).contains(id("a0"));
    assertThat(views.state().entryBefore(ROOM, id("p3"), avatar)).contains(id("a0"));
    assertThat(views.state().entryBefore(ROOM, id("p3"), NAME)).isEmpty();
    assertThat(views.state().entryBefore(ROOM, id("p2"), TOPIC)).isEmpty();
    assertThat(views.state().entryBefore(ROOM, id("q0"), TOPIC)).isEmpty();
    assertThat(views.state().entryBefore(ROOM, id("q1"), TOPIC)).contains(id("t9"));
    assertThat(views.state().entryBefore(ROOM, id("q1"), NAME)).contains(id("n19"));
    assertThat(views.state().allBefore(ROOM, id("p2")))
        .containsExactly(
            new StateView.Entry(avatar, id("a0")), new StateView.Entry(NAME, id("n0")));
    assertThat(views.state().allBefore(ROOM, id("p4"))).isEmpty();
    assertThat(views.state().allBefore(ROOM, id("q1")))
        .containsExactly(
            new StateView.Entry(NAME, id("n19")), new StateView.Entry(TOPIC, id("t9")));
    assertThat(views.state().entry(ROOM, NAME, at(40))).contains(id("n1"));
  }

  private static RoomRecord past(
      Position position, String name, long place, String base, StateChange... differences) {
    return message(ROOM, position, name).place(place).before(base, differences).record();
  }
}
