package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.BOB;
import static org.headrace.account.account.Account.PHONE;
import static org.headrace.account.account.Account.ROOM;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EchoesTest {
  private final Account account = new Account();

  @BeforeEach
  void register() {
    account.with(ALICE, PHONE);
  }

  private AccountCommand field(String field, String value) {
    return new AccountCommand.SetProfileField(account.id(), account.ts(), ALICE, field, value);
  }

  private AccountCommand join(RoomId room, long offset, String displayname) {
    return new AccountCommand.NoteMembership(
        account.id(), 1, ALICE, room, "join", Position.ofOffset(offset), displayname, null);
  }

  private static RoomId room(int i) {
    return new RoomId("!r" + i + ":example.org");
  }

  @Test
  void aProfileChangeReachesJoinedRoomsOnly() {
    account.done(account.note(ROOM, "join", 1));
    account.done(account.note(room(1), "join", 1));
    account.done(account.note(room(1), "leave", 2));
    account.done(field("displayname", "Alice"));
    assertThat(account.toRooms).hasSize(1);
    var echo = (RoomCommand.EchoProfile) account.toRooms.getFirst();
    assertThat(echo.roomId()).isEqualTo(ROOM);
    assertThat(echo.displayname()).isEqualTo("Alice");
    assertThat(echo.avatarUrl()).isNull();
    account.assertReplayIsEqual();
  }

  @Test
  void equalValuesAndOtherFieldsAreNotEchoed() {
    account.done(account.note(ROOM, "join", 1));
    account.done(field("displayname", "Alice"));
    account.done(field("displayname", "Alice"));
    account.done(field("m.tz", "Europe/Zurich"));
    assertThat(account.toRooms).hasSize(1);
    account.done(field("displayname", null));
    assertThat(account.toRooms).hasSize(2);
    assertThat(new Cells(account.state).profile(ALICE)).containsOnlyKeys("m.tz");
    account.assertReplayIsEqual();
  }

  @Test
  void profilesHaveLimits() {
    account.refused(
        field("displayname", "x".repeat(Limits.PROFILE_MEMBER_VALUE_BYTES_MAX + 1)),
        Failure.TOO_LARGE);
    account.refused(
        field("x".repeat(Limits.PROFILE_FIELD_BYTES_MAX + 1), "y"), Failure.INVALID_PARAM);
    account.done(field("a", "x".repeat(Limits.PROFILE_BYTES_MAX / 2)));
    account.refused(field("b", "x".repeat(Limits.PROFILE_BYTES_MAX / 2)), Failure.TOO_LARGE);
  }

  @Test
  void aJoinIsAnsweredByWhatDiffers() {
    account.done(field("displayname", "Alice"));
    account.done(join(room(1), 1, "Alice"));
    assertThat(account.toRooms).isEmpty();
    account.done(join(room(2), 1, "Old"));
    assertThat(account.toRooms).singleElement().isInstanceOf(RoomCommand.EchoProfile.class);
    account.toRooms.clear();
    account.done(account.identity(PHONE, "id"));
    account.toRooms.clear();
    account.done(join(room(3), 1, "Alice"));
    assertThat(account.toRooms).singleElement().isInstanceOf(RoomCommand.EchoDevices.class);
  }

  @Test
  void roomsHearOfADevicesNewName() {
    account.done(join(room(1), 1, "Alice"));
    account.toRooms.clear();
    account.done(new AccountCommand.RenameDevice(account.id(), 1, ALICE, PHONE, "New"));
    assertThat(account.toRooms).as("a device without keys is shown to nobody").isEmpty();
    account.done(account.identity(PHONE, "id"));
    account.toRooms.clear();
    account.done(new AccountCommand.RenameDevice(account.id(), 1, ALICE, PHONE, "Newer"));
    assertThat(account.toRooms).singleElement().isInstanceOf(RoomCommand.EchoDevices.class);
  }

  @Test
  void aJoinedUsersOwnMemberEventIsNotOverwritten() {
    account.done(field("displayname", "Alice"));
    account.done(join(ROOM, 1, "Alice"));
    account.done(join(ROOM, 2, "A nickname"));
    assertThat(account.toRooms).isEmpty();
  }

  @Test
  void anOlderOrRepeatedMembershipIsIgnored() {
    account.done(account.note(ROOM, "join", 5));
    account.done(account.note(ROOM, "leave", 7));
    account.done(account.note(ROOM, "join", 5));
    account.done(account.note(ROOM, "join", 7));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    assertThat(new Cells(account.state).membership(ALICE, ROOM).membership()).isEqualTo("leave");
    account.assertReplayIsEqual();
  }

  @Test
  void aMembershipOfNoAccountIsRefused() {
    UserId nobody = BOB;
    account.refused(
        new AccountCommand.NoteMembership(
            "n", 1, nobody, ROOM, "join", Position.ofOffset(1), null, null),
        Failure.NOT_FOUND);
  }

  @Test
  void anEchoIntoManyRoomsGoesOnInBoundedSteps() {
    int rooms = 2 * Limits.ROOMS_PER_CHUNK + 20;
    IntStream.range(0, rooms).forEach(i -> account.done(account.note(room(i), "join", 1)));
    account.done(account.note(room(0), "leave", 2));
    account.done(field("displayname", "Alice"));
    assertThat(account.toRooms).hasSize(Limits.ROOMS_PER_CHUNK - 1);
    AccountCommand rest = account.toSelf.getFirst();
    assertThat(account.settle()).isEqualTo(2);
    Set<RoomId> told =
        account.toRooms.stream().map(RoomCommand::roomId).collect(Collectors.toSet());
    assertThat(account.toRooms).hasSize(rooms - 1);
    assertThat(told)
        .isEqualTo(IntStream.range(1, rooms).mapToObj(i -> room(i)).collect(Collectors.toSet()));
    assertThat(new HashSet<>(account.toRooms.stream().map(RoomCommand::id).toList()))
        .hasSize(rooms - 1);

    // A repeat of the continuation is dropped.
    account.done(rest);
    assertThat(account.toRooms).hasSize(rooms - 1);
    account.assertReplayIsEqual();
  }
}
