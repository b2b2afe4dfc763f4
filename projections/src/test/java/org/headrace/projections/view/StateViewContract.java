package org.headrace.projections.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.OTHER_ROOM;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.create;
import static org.headrace.projections.LogFixture.id;
import static org.headrace.projections.LogFixture.member;
import static org.headrace.projections.LogFixture.message;
import static org.headrace.projections.LogFixture.state;

import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.schema.log.Position;
import org.junit.jupiter.api.Test;

public abstract class StateViewContract extends ViewContract {
  private static final StateKey NAME = new StateKey("m.room.name", "");

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
}
