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

import java.util.Optional;
import org.headrace.core.json.Json;
import org.headrace.projections.fold.Checkpoint;
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
    assertThat(views.rooms().room(ROOM)).contains(new RoomsView.Room(ROOM, "12", at(1), at(2)));
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
