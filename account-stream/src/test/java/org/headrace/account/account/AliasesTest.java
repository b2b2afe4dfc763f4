package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.BOB;
import static org.headrace.account.account.Account.ROOM;

import java.util.List;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.junit.jupiter.api.Test;

class AliasesTest {
  private static final RoomAlias ALIAS = new RoomAlias("#a:example.org");
  private static final RoomId OTHER = new RoomId("!other:example.org");

  private final Account account = new Account();

  private AccountCommand set(RoomId room) {
    return new AccountCommand.SetAlias(account.id(), 1, ALIAS, room, ALICE);
  }

  private AccountCommand delete(UserId user, boolean mayDeleteOthers) {
    return new AccountCommand.DeleteAlias(account.id(), 1, ALIAS, user, mayDeleteOthers);
  }

  private AccountCommand create(RoomId room) {
    return create(room, 1);
  }

  private AccountCommand create(RoomId room, long ts) {
    var create =
        new RoomCommand.CreateRoom(
            "create " + room, ts, room, "12", ALICE, Json.object(), List.of(), ALIAS);
    return new AccountCommand.CreateRoomWithAlias(account.id(), ts, ALIAS, ALICE, create);
  }

  private AccountCommand settle(RoomId room, boolean created) {
    return new AccountCommand.SettleAlias(account.id(), 1, ALIAS, room, created);
  }

  private Cells.Alias alias() {
    return new Cells(account.state).alias(ALIAS);
  }

  @Test
  void anAliasPointsToOneRoom() {
    account.done(set(ROOM));
    account.refused(set(OTHER), Failure.ALIAS_IN_USE);
    account.refused(create(OTHER), Failure.ALIAS_IN_USE);
    assertThat(alias()).isEqualTo(new Cells.Alias(ROOM, ALICE, false, 1));
    account.assertReplayIsEqual();
  }

  @Test
  void aDirectoryShowsARoomUntilItIsTakenOut() {
    ServerName directory = new ServerName("example.org");
    account.done(new AccountCommand.ListRoom(account.id(), 1, ROOM, directory, true));
    assertThat(account.newest())
        .singleElement()
        .isInstanceOfSatisfying(
            AccountRecord.RoomListed.class,
            record -> {
              assertThat(record.key()).isEqualTo(ROOM.value());
              assertThat(record.listed()).isTrue();
            });
    account.done(new AccountCommand.ListRoom(account.id(), 1, ROOM, directory, false));
    account.assertReplayIsEqual();
  }

  @Test
  void itsCreatorAndWhoMayDeletesIt() {
    account.refused(delete(ALICE, true), Failure.NOT_FOUND);
    account.done(set(ROOM));
    account.refused(delete(BOB, false), Failure.FORBIDDEN);
    account.done(delete(ALICE, false));
    assertThat(alias()).isNull();
    account.done(set(OTHER));
    account.done(delete(BOB, true));
    assertThat(alias()).isNull();
    account.assertReplayIsEqual();
  }

  private AccountCommand move(UserId user, boolean mayMoveOthers) {
    return new AccountCommand.MoveAlias(account.id(), 1, ALIAS, ROOM, OTHER, user, mayMoveOthers);
  }

  @Test
  void anAliasOfAnUpgradedRoomMovesInOneStep() {
    account.done(move(ALICE, false));
    assertThat(alias()).isNull();
    account.done(set(ROOM));
    account.refused(move(BOB, false), Failure.FORBIDDEN);
    // A tenant's aliases are no business of another's users (design D9).
    account.refused(move(new UserId("@bob:other.example"), true), Failure.FORBIDDEN);
    account.done(move(BOB, true));
    assertThat(alias()).isEqualTo(new Cells.Alias(OTHER, BOB, false, 1));
    // A repeat moves nothing, also when it points elsewhere by now.
    account.done(move(BOB, true));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    account.assertReplayIsEqual();
  }

  @Test
  void aRoomWithAnAliasIsReservedThenSettled() {
    account.done(create(ROOM));
    assertThat(account.toRooms)
        .singleElement()
        .satisfies(command -> assertThat(command.id()).isEqualTo("create " + ROOM));
    account.toRooms.clear();
    assertThat(alias().reserved()).isTrue();
    account.refused(set(OTHER), Failure.ALIAS_IN_USE);
    account.refused(delete(ALICE, true), Failure.NOT_FOUND);
    account.done(settle(ROOM, true));
    assertThat(alias()).isEqualTo(new Cells.Alias(ROOM, ALICE, false, 1));
    account.done(settle(ROOM, false));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    assertThat(alias()).isNotNull();
    account.assertReplayIsEqual();
  }

  @Test
  void aRefusedRoomFreesItsAliasAndALateRepeatDoesNotFreeTheNext() {
    account.done(create(ROOM));
    account.done(settle(ROOM, false));
    assertThat(alias()).isNull();
    account.done(create(OTHER));
    account.done(settle(ROOM, false));
    assertThat(alias()).isEqualTo(new Cells.Alias(OTHER, ALICE, true, 1));
    account.assertReplayIsEqual();
  }

  @Test
  void anAliasOfARoomThatReportsNothingIsFreeInTheEnd() {
    account.done(create(ROOM));
    account.toRooms.clear();
    account.refused(create(OTHER, 1 + Limits.ALIAS_RESERVED_MILLIS_MAX), Failure.ALIAS_IN_USE);
    account.done(create(OTHER, 2 + Limits.ALIAS_RESERVED_MILLIS_MAX));
    account.done(settle(ROOM, true));
    assertThat(alias().room()).isEqualTo(OTHER);
    assertThat(alias().reserved()).isTrue();
    account.done(settle(OTHER, true));
    assertThat(alias().reserved()).isFalse();
    account.toRooms.clear();
    account.refused(create(ROOM, 9 * Limits.ALIAS_RESERVED_MILLIS_MAX), Failure.ALIAS_IN_USE);
    account.assertReplayIsEqual();
  }
}
