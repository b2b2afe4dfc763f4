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
import static org.headrace.projections.LogFixture.moved;
import static org.headrace.projections.LogFixture.noted;
import static org.headrace.projections.LogFixture.outlierMember;

import java.util.List;
import java.util.Optional;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.RoomFold;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.junit.jupiter.api.Test;

public abstract class RoomsViewContract extends ViewContract {
  @Test
  void knowsARoomByItsAcceptedCreateEvent() {
    fold(
        create(OTHER_ROOM, at(0), "no").verdict(Verdict.REJECTED).record(),
        create(ROOM, at(1), "create").record(),
        message(ROOM, at(2), "m").record(),
        new RoomRecord.CommandSettled(at(3), ROOM, "c3", true, new Outcome.Done(Json.object())));
    assertThat(views.rooms().room(ROOM))
        .contains(new RoomsView.Room(ROOM, "12", at(2), List.of(id("m"))));
    assertThat(views.rooms().room(OTHER_ROOM)).isEmpty();
  }

  @Test
  void tellsTheNewestMembershipOfEachRoom() {
    fold(
        member(ROOM, at(1), "invite", BOB, "invite").record(),
        member(OTHER_ROOM, at(2), "j2", BOB, "join").record(),
        member(ROOM, at(3), "join", BOB, "join").record(),
        member(ROOM, at(4), "alice", ALICE, "join").record());
    assertThat(views.rooms().roomsOf(BOB))
        .containsExactly(
            new RoomsView.Membership(ROOM, BOB, "join", id("join"), at(3), false),
            new RoomsView.Membership(OTHER_ROOM, BOB, "join", id("j2"), at(2), false));
    assertThat(views.rooms().membership(ROOM, ALICE).orElseThrow().membership()).isEqualTo("join");
    assertThat(views.rooms().membership(OTHER_ROOM, ALICE)).isEmpty();
    assertThat(views.rooms().members(ROOM))
        .extracting(RoomsView.Membership::user)
        .containsExactly(ALICE, BOB);
  }

  @Test
  void followsResolutionBackToAnOlderMemberEvent() {
    fold(
        member(ROOM, at(1), "join", BOB, "join").record(),
        member(ROOM, at(2), "ban", BOB, "ban").record(),
        message(ROOM, at(3), "fork").change("m.room.member", BOB.value(), "join").record());
    assertThat(views.rooms().membership(ROOM, BOB))
        .contains(new RoomsView.Membership(ROOM, BOB, "join", id("join"), at(3), false));
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(1, 0));
  }

  @Test
  void losesAMemberWhoseEventLeftTheState() {
    fold(
        member(ROOM, at(1), "join", BOB, "join").record(),
        message(ROOM, at(3), "fork").change("m.room.member", BOB.value(), null).record());
    assertThat(views.rooms().membership(ROOM, BOB)).isEqualTo(Optional.empty());
    assertThat(views.rooms().roomsOf(BOB)).isEmpty();
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(0, 0));
  }

  @Test
  void countsJoinedAndInvited() {
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(0, 0));
    fold(
        member(ROOM, at(1), "a", ALICE, "join").record(),
        member(ROOM, at(2), "b", BOB, "invite").record());
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(1, 1));
    fold(member(ROOM, at(3), "b2", BOB, "join").record());
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(2, 0));
    fold(member(ROOM, at(4), "b3", BOB, "leave").record());
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(1, 0));
  }

  @Test
  void forgetsUntilANewerMembership() {
    fold(
        member(ROOM, at(1), "leave", BOB, "leave").record(),
        new RoomRecord.RoomForgotten(at(2), ROOM, "c2", true, BOB));
    assertThat(views.rooms().membership(ROOM, BOB).orElseThrow().forgotten()).isTrue();
    fold(member(ROOM, at(3), "invite", BOB, "invite").record());
    assertThat(views.rooms().membership(ROOM, BOB).orElseThrow().forgotten()).isFalse();
  }

  @Test
  void knowsWhichServersAreInARoom() {
    UserId carol = new UserId("@carol:b.example");
    fold(
        member(ROOM, at(1), "a", ALICE, "join").record(),
        member(ROOM, at(2), "b", BOB, "join").record(),
        member(ROOM, at(3), "c", carol, "join").record(),
        member(OTHER_ROOM, at(4), "x", BOB, "invite").record());
    assertThat(views.rooms().servers(ROOM)).containsExactly(ALICE.server(), BOB.server());
    assertThat(views.rooms().servers(OTHER_ROOM)).isEmpty();
    assertThat(views.rooms().joinedOf(ROOM, BOB.server(), 9)).containsExactly(BOB, carol);
    assertThat(views.rooms().joinedOf(ROOM, BOB.server(), 1)).containsExactly(BOB);
    fold(member(ROOM, at(5), "b2", BOB, "leave").record());
    assertThat(views.rooms().joinedOf(ROOM, BOB.server(), 9)).containsExactly(carol);
    assertThat(views.rooms().usersOf(ROOM, BOB.server(), 9)).containsExactly(BOB, carol);
    assertThat(views.rooms().usersOf(OTHER_ROOM, ALICE.server(), 9)).isEmpty();
    assertThat(views.rooms().isJoined(ROOM, BOB.server())).isTrue();
    fold(message(ROOM, at(6), "m").change("m.room.member", carol.value(), null).record());
    assertThat(views.rooms().isJoined(ROOM, BOB.server())).isFalse();
    assertThat(views.rooms().servers(ROOM)).containsExactly(ALICE.server());
    fold(message(ROOM, at(7), "m2").change("m.room.member", BOB.value(), "b").record());
    assertThat(views.rooms().servers(ROOM)).containsExactly(ALICE.server(), BOB.server());
  }

  @Test
  void takesTheMembersOfAJoinedRoomFromItsStateEvents() {
    RoomRecord[] join = {
      outlierMember(ROOM, at(1), "a", ALICE, "join"),
      outlierMember(ROOM, at(1, 1), "b", BOB, "ban"),
      moved(
          ROOM,
          at(2),
          entry("m.room.member", ALICE.value(), "a"),
          entry("m.room.member", BOB.value(), "b"),
          entry("m.room.member", "nobody", "b"))
    };
    fold(join);
    fold(join);
    assertThat(views.rooms().room(ROOM)).isEmpty();
    assertThat(views.rooms().members(ROOM))
        .extracting(RoomsView.Membership::membership)
        .containsExactly("join", "ban");
    assertThat(views.rooms().servers(ROOM)).containsExactly(ALICE.server());
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(1, 0));
    fold(member(ROOM, at(3), "j", new UserId("@dan:a.example"), "join").record());
    assertThat(views.rooms().room(ROOM))
        .contains(new RoomsView.Room(ROOM, "12", at(3), List.of(id("j"))));
  }

  @Test
  void takesTheMembersOfAJoinThatCameInOneBatch() {
    ViewBatch batch = new ViewBatch();
    batch.addAll(at(1), RoomFold.fold(outlierMember(ROOM, at(1), "b", BOB, "join")));
    batch.addAll(
        at(2), RoomFold.fold(moved(ROOM, at(2), entry("m.room.member", BOB.value(), "b"))));
    views.writer().write(batch);
    assertThat(views.rooms().isJoined(ROOM, BOB.server())).isTrue();
  }

  @Test
  void notesMembershipsOfARoomThatIsNotHeld() {
    fold(noted(ROOM, at(1), "i", BOB, "invite"));
    assertThat(views.rooms().room(ROOM)).isEmpty();
    assertThat(views.rooms().roomsOf(BOB))
        .containsExactly(new RoomsView.Membership(ROOM, BOB, "invite", id("i"), at(1), false));
    assertThat(views.timeline().event(ROOM, id("i")).orElseThrow().outlier()).isTrue();
    fold(noted(ROOM, at(4), "l", BOB, "leave"));
    assertThat(views.rooms().membership(ROOM, BOB).orElseThrow().membership()).isEqualTo("leave");
    assertThat(views.rooms().membership(ROOM, BOB, at(0))).isEmpty();
    assertThat(views.rooms().membership(ROOM, BOB, Position.NONE)).isEmpty();
    assertThat(views.rooms().membership(ROOM, BOB, at(3)).orElseThrow().membership())
        .isEqualTo("invite");
    assertThat(views.rooms().membership(ROOM, BOB, at(4)).orElseThrow().membership())
        .isEqualTo("leave");
  }

  /** Whatever was told of it, a room's own state says who is invited once the room is joined. */
  @Test
  void aJoinEndsWhatWasNotedBefore() {
    fold(
        member(ROOM, at(1), "l0", BOB, "leave").record(),
        noted(ROOM, at(2), "i", BOB, "invite"),
        member(ROOM, at(2, 1), "a0", ALICE, "leave").record());
    assertThat(views.rooms().membership(ROOM, BOB).orElseThrow().membership()).isEqualTo("invite");
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(0, 1));
    fold(moved(ROOM, at(3), entry("t", "", "x")), member(ROOM, at(4), "a", ALICE, "join").record());
    assertThat(views.rooms().membership(ROOM, BOB))
        .contains(new RoomsView.Membership(ROOM, BOB, "leave", id("l0"), at(1), false));
    assertThat(views.rooms().roomsOf(BOB).getFirst().membership()).isEqualTo("leave");
    assertThat(views.rooms().counts(ROOM)).isEqualTo(new RoomsView.Counts(1, 0));
    assertThat(views.rooms().membership(ROOM, BOB, at(2, 5)).orElseThrow().membership())
        .isEqualTo("invite");
    assertThat(views.rooms().membership(ROOM, BOB, at(3)).orElseThrow().membership())
        .isEqualTo("leave");
  }

  @Test
  void listsGapsUntilTheyAreClosed() {
    fold(
        gap(ROOM, at(1), "g1", List.of("f1"), 99, Long.MIN_VALUE),
        gap(ROOM, at(2), "g2", List.of("f2", "f3"), 5000, 4000));
    assertThat(views.rooms().gaps(ROOM))
        .containsExactly(
            new RoomsView.Gap(id("g2"), List.of(id("f2"), id("f3")), 5000, 4000, false),
            new RoomsView.Gap(id("g1"), List.of(id("f1")), 99, Long.MIN_VALUE, false));
    assertThat(views.rooms().gaps(OTHER_ROOM)).isEmpty();
    fold(
        gap(ROOM, at(3), "g2", List.of(), 4500, 4000),
        gap(ROOM, at(4), "g1", List.of("e"), 50, Long.MIN_VALUE));
    assertThat(views.rooms().gaps(ROOM))
        .containsExactly(new RoomsView.Gap(id("g1"), List.of(id("e")), 50, Long.MIN_VALUE, false));
  }

  @Test
  void isNoMemberWhereTheStateKeyIsNoUser() {
    fold(message(ROOM, at(1), "m").change("m.room.member", "nobody", "m").record());
    assertThat(views.rooms().members(ROOM)).isEmpty();
  }

  @Test
  void reachesWhatWasWritten() {
    assertThat(views.rooms().reached(3)).isEqualTo(Position.NONE);
    ViewBatch batch = new ViewBatch();
    batch.reach(Topic.ROOM_LOG, 3, new Checkpoint(at(9, 2), 40, 7));
    views.writer().write(batch);
    assertThat(views.rooms().reached(3)).isEqualTo(at(9, 2));
    assertThat(views.rooms().reached(4)).isEqualTo(Position.NONE);
    views.writer().drop(Topic.Family.ROOM);
    assertThat(views.rooms().reached(3)).isEqualTo(Position.NONE);
  }
}
