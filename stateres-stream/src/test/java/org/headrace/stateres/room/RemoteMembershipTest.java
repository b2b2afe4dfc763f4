package org.headrace.stateres.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.stateres.room.FarRoom.ZOE;
import static org.headrace.stateres.room.RoomFixture.ALICE;
import static org.headrace.stateres.room.RoomFixture.TS;
import static org.headrace.stateres.room.RoomFixture.assertFailed;
import static org.headrace.stateres.room.RoomFixture.membership;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Action;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.RemoteMembership;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Invites, knocks and leaves of rooms that are not held. */
class RemoteMembershipTest {
  private RoomFixture fixture = new RoomFixture("12");
  private FarRoom room = new FarRoom("12");

  private void begin(String version) {
    fixture = new RoomFixture(version);
    room = new FarRoom(version);
    fixture.room = room.far.room();
  }

  private Pdu member(UserId sender, String membership) {
    return room.state(sender, "m.room.member", ALICE.value(), membership(membership));
  }

  private Outcome note(Pdu event, ObjectNode... stripped) {
    return fixture.decide(
        new RoomCommand.NoteRemoteMembership(
            fixture.nextId(),
            TS,
            fixture.room,
            fixture.version.id(),
            ALICE,
            event.json(),
            List.of(stripped)));
  }

  private Outcome forget() {
    return fixture.decide(new RoomCommand.ForgetRoom(fixture.nextId(), TS, fixture.room, ALICE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "10", "12"})
  void anInviteIsRememberedUntilItIsRejected(String version) {
    begin(version);
    Pdu invite = member(ZOE, "invite");
    ObjectNode name = Json.object().put("type", "m.room.name");
    assertThat(note(invite, name)).isEqualTo(Decision.done());
    RemoteMembership record = (RemoteMembership) fixture.records.getLast();
    assertThat(record.membership()).isEqualTo("invite");
    assertThat(record.eventId()).isEqualTo(invite.id());
    assertThat(fixture.newestBody()).contains("invite_room_state", "m.room.name");
    assertThat(fixture.crossing()).isEmpty();
    note(invite, name);
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.CommandSettled.class);
    // All that users may do is to ask the other server.
    assertFailed(fixture.change(ALICE, ALICE, Action.JOIN), Failure.NOT_FOUND);
    assertFailed(fixture.change(ALICE, ALICE, Action.LEAVE), Failure.NOT_FOUND);
    assertFailed(fixture.change(ALICE, ALICE, Action.KNOCK), Failure.NOT_FOUND);
    assertFailed(fixture.change(ALICE, ZOE, Action.INVITE), Failure.FORBIDDEN);
    assertFailed(forget(), Failure.BAD_STATE);
    note(member(ALICE, "leave"));
    assertThat(fixture.crossing())
        .singleElement()
        .isInstanceOfSatisfying(
            AccountCommand.NoteMembership.class,
            account -> assertThat(account.membership()).isEqualTo("leave"));
    forget();
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.RoomForgotten.class);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void aKnockKeepsItsStrippedState(String version) {
    begin(version);
    note(member(ALICE, "knock"), Json.object().put("type", "m.room.join_rules"));
    assertThat(fixture.newestBody()).contains("knock_room_state");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void theStateOfAJoinedRoomTakesItsPlace(String version) {
    begin(version);
    note(member(ZOE, "invite"));
    fixture.eventOf(fixture.joinThrough(room.far, ALICE, List.of(room.last())));
    assertThat(fixture.membershipOf(ALICE)).isEqualTo("join");
    assertFailed(note(member(ZOE, "invite")), Failure.BAD_STATE);
    fixture.eventOf(fixture.change(ALICE, ALICE, Action.LEAVE));
    forget();
    assertThat(fixture.records.getLast()).isInstanceOf(RoomRecord.RoomForgotten.class);
    // Now it is not held any more, and Alice may be invited from elsewhere again.
    Pdu again =
        room.far.make(
            ZOE,
            "m.room.member",
            ALICE.value(),
            membership("invite"),
            List.of(room.last()),
            TS + 9);
    assertThat(note(again)).isEqualTo(Decision.done());
    assertFailed(forget(), Failure.BAD_STATE);
    fixture.assertReplays();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10", "12"})
  void whatSaysNothingOfTheUserIsRefused(String version) {
    begin(version);
    assertFailed(note(room.message(ZOE, "hi")), Failure.BAD_JSON);
    assertFailed(
        note(room.state(ZOE, "m.room.member", "@other:one.example", membership("invite"))),
        Failure.BAD_JSON);
    assertFailed(note(member(ALICE, "join")), Failure.BAD_JSON);
    ObjectNode[] many = new ObjectNode[RemoteMemberships.STRIPPED_MAX + 1];
    Arrays.fill(many, Json.object());
    assertFailed(note(member(ZOE, "invite"), many), Failure.LIMIT_EXCEEDED);
  }
}
