package org.headrace.projections.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.create;
import static org.headrace.projections.LogFixture.entry;
import static org.headrace.projections.LogFixture.id;
import static org.headrace.projections.LogFixture.json;
import static org.headrace.projections.LogFixture.member;
import static org.headrace.projections.LogFixture.message;
import static org.headrace.projections.LogFixture.moved;
import static org.headrace.projections.LogFixture.noted;

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
    RoomRecord.EventDecided record = message(ROOM, at(3), "m").ts(77).record();
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
                null,
                false,
                null),
            new RowChange.TimelinePut(ROOM, at(3).packed(), id("m"), 77),
            new RowChange.ExtremitiesPut(ROOM, List.of(id("m"))),
            new RowChange.RoomTouched(ROOM, at(3)));
  }

  @Test
  void anAcceptedCreateEventIsARoom() {
    assertThat(RoomFold.fold(create(ROOM, at(0), "c").record()))
        .contains(new RowChange.RoomPut(ROOM, "12"));
    assertThat(RoomFold.fold(create(ROOM, at(0), "c").verdict(Verdict.REJECTED).record()))
        .doesNotHaveAnyElementsOfTypes(RowChange.RoomPut.class, RowChange.TimelinePut.class);
  }

  @Test
  void aMemberEventIsStateAndMembership() {
    assertThat(RoomFold.fold(member(ROOM, at(1), "j", BOB, "join").record()))
        .contains(
            new RowChange.StatePut(ROOM, at(1), StateKey.member(BOB.value()), id("j")),
            new RowChange.MemberPut(ROOM, BOB, at(1), id("j"), "join", false));
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
            new RowChange.MemberPut(ROOM, BOB, at(2), id("old"), null, false),
            new RowChange.MemberPut(ROOM, ALICE, at(2), null, null, false));
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
                    at(1), ROOM, "c", true, id("w"), json("{}"), true, List.of(id("x")), 0, null)))
        .isEmpty();
  }

  @Test
  void whatIsMintedCannotBeSeen() {
    assertThat(
            RoomFold.fold(
                new RoomRecord.EventMinted(
                    at(1), ROOM, "c", true, id("m"), "12", json("{}"), true, "e", null)))
        .isEmpty();
    assertThat(
            RoomFold.fold(
                new RoomRecord.MintedDropped(
                    at(1), ROOM, "c", true, id("m"), new Outcome.Done(Json.object()))))
        .isEmpty();
  }

  @Test
  void aBackfilledEventIsNoNews() {
    List<RowChange> rows =
        RoomFold.fold(
            message(ROOM, at(9), "old").place(-3).before("new", entry("t", "", "e")).record());
    assertThat(rows)
        .contains(
            new RowChange.TimelinePut(ROOM, -3, id("old"), 0),
            new RowChange.PastPut(ROOM, -3, new StateKey("t", ""), id("e")))
        .doesNotHaveAnyElementsOfTypes(RowChange.RoomTouched.class, RowChange.RoomPut.class);
  }

  @Test
  void aStepOfAJoinConcernsNobody() {
    RoomRecord moved = moved(ROOM, at(1), entry("m.room.member", BOB.value(), "j"));
    assertThat(RoomFold.fold(moved))
        .contains(
            new RowChange.MemberPut(ROOM, BOB, at(1), id("j"), null, false),
            new RowChange.HeldPut(ROOM, at(1)));
    assertThat(RoomFold.concerned(moved)).isEmpty();
  }

  @Test
  void aMembershipElsewhereConcernsItsUser() {
    RoomRecord noted = noted(ROOM, at(1), "i", BOB, "invite");
    assertThat(RoomFold.concerned(noted)).containsExactly(BOB);
    assertThat(RoomFold.awaitedBody(noted)).contains("!room|$i");
    assertThat(RoomFold.fold(noted))
        .contains(new RowChange.MemberPut(ROOM, BOB, at(1), id("i"), "invite", true));
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
