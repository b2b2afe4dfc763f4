package org.headrace.projections.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.create;
import static org.headrace.projections.LogFixture.id;
import static org.headrace.projections.LogFixture.json;
import static org.headrace.projections.LogFixture.member;
import static org.headrace.projections.LogFixture.message;

import java.util.List;
import org.headrace.core.event.StateKey;
import org.headrace.core.json.Json;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.junit.jupiter.api.Test;

class RoomFoldTest {
  @Test
  void aMessageIsAnEventAndAPlace() {
    RoomRecord.EventDecided record = message(ROOM, at(3), "m").record();
    assertThat(RoomFold.fold(record))
        .containsExactly(
            new RowChange.EventPut(
                ROOM,
                id("m"),
                "12",
                at(3),
                at(3).packed(),
                Verdict.ACCEPTED,
                record.skeleton(),
                null),
            new RowChange.TimelinePut(ROOM, at(3).packed(), id("m")),
            new RowChange.RoomTouched(ROOM, at(3)));
  }

  @Test
  void anAcceptedCreateEventIsARoom() {
    assertThat(RoomFold.fold(create(ROOM, at(0), "c").record()))
        .contains(new RowChange.RoomPut(ROOM, "12", at(0)));
    assertThat(RoomFold.fold(create(ROOM, at(0), "c").verdict(Verdict.REJECTED).record()))
        .doesNotHaveAnyElementsOfTypes(RowChange.RoomPut.class, RowChange.TimelinePut.class);
  }

  @Test
  void aMemberEventIsStateAndMembership() {
    assertThat(RoomFold.fold(member(ROOM, at(1), "j", BOB, "join").record()))
        .contains(
            new RowChange.StatePut(ROOM, at(1), StateKey.member(BOB.value()), id("j")),
            new RowChange.MemberPut(ROOM, BOB, at(1), id("j"), "join"));
  }

  @Test
  void aMembershipOfAnotherEventIsLeftToReaders() {
    assertThat(
            RoomFold.fold(
                message(ROOM, at(2), "m")
                    .change("m.room.member", BOB.value(), "old")
                    .change("m.room.member", ALICE.value(), null)
                    .record()))
        .contains(
            new RowChange.MemberPut(ROOM, BOB, at(2), id("old"), null),
            new RowChange.MemberPut(ROOM, ALICE, at(2), null, null));
  }

  @Test
  void whatCannotBeSeenChangesNothing() {
    assertThat(
            RoomFold.fold(
                new RoomRecord.CommandSettled(
                    at(1), ROOM, "c", true, new Outcome.Done(Json.object()))))
        .isEmpty();
    assertThat(
            RoomFold.fold(
                new RoomRecord.EventWaiting(
                    at(1), ROOM, "c", true, id("w"), json("{}"), List.of(id("x")))))
        .isEmpty();
  }

  @Test
  void concernsThoseWhoseMembershipChanged() {
    assertThat(
            RoomFold.concerned(
                member(ROOM, at(1), "j", BOB, "invite")
                    .change("m.room.member", ALICE.value(), "old")
                    .change("m.room.member", "nobody", "old")
                    .record()))
        .containsExactly(ALICE, BOB);
    assertThat(RoomFold.concerned(message(ROOM, at(1), "m").record())).isEmpty();
  }

  @Test
  void awaitsABodyWhereThereIsOne() {
    assertThat(RoomFold.awaitedBody(message(ROOM, at(1), "m").record())).contains("!room|$m");
    assertThat(RoomFold.awaitedBody(create(ROOM, at(1), "c").record())).isEmpty();
  }
}
