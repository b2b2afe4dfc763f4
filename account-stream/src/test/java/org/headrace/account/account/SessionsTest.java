package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.LAPTOP;
import static org.headrace.account.account.Account.PHONE;
import static org.headrace.account.account.Account.ROOM;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private final Account account = new Account();

  @Test
  void registersWithSessionAndInitialAccountData() {
    var rules = new TreeMap<>(Map.of("m.push_rules", Json.object().put("a", 1)));
    account.done(
        new AccountCommand.Register(
            "r", 5, ALICE, "hash", true, account.session(PHONE, "token"), rules));
    assertThat(account.newest())
        .extracting(record -> (Object) record.getClass())
        .containsExactly(
            AccountRecord.AccountCreated.class,
            AccountRecord.SessionCreated.class,
            AccountRecord.ItemsChanged.class);
    assertThat(((AccountRecord.AccountCreated) account.newest().getFirst()).createdTs())
        .isEqualTo(5);
    assertThat(account.items.values())
        .extracting(AccountItem::itemKey)
        .containsExactly("data||m.push_rules");
    account.assertReplayIsEqual();
  }

  @Test
  void refusesATakenUsername() {
    account.with(ALICE, PHONE);
    account.refused(account.register(ALICE, LAPTOP), Failure.USER_IN_USE);
  }

  @Test
  void refusesUsernamesThatNewAccountsMayNotHave() {
    account.refused(
        account.register(new UserId("@Alice:example.org"), PHONE), Failure.INVALID_PARAM);
  }

  @Test
  void refusesDeviceIdsThatItemKeysCannotHold() {
    account.with(ALICE, PHONE);
    account.refused(account.login(ALICE, new DeviceId("A|B")), Failure.INVALID_PARAM);
  }

  @Test
  void refusesALoginWhosePasswordHasChanged() {
    account.with(ALICE, PHONE);
    Position password = account.log.getFirst().position();
    var good = account.session(LAPTOP, "t");
    account.done(new AccountCommand.CreateSession(account.id(), 1, ALICE, good, password));
    account.refused(
        new AccountCommand.CreateSession(account.id(), 1, ALICE, good, Position.ofOffset(99)),
        Failure.FORBIDDEN);
  }

  @Test
  void refusesALoginWithoutAnAccount() {
    account.refused(account.login(ALICE, PHONE), Failure.FORBIDDEN);
  }

  @Test
  void aSecondLoginReplacesTheTokenAndKeepsNameAndKeys() {
    account.with(ALICE, PHONE);
    account.done(account.identity(PHONE, "id"));
    account.done(
        new AccountCommand.CreateSession(
            "again", 1, ALICE, new AccountCommand.Session(PHONE, "second", null), null));
    var session = (AccountRecord.SessionCreated) account.newest().getFirst();
    assertThat(session.tokenHash()).isEqualTo("second");
    assertThat(session.displayName()).isEqualTo("Device");
    Cells cells = new Cells(account.state);
    assertThat(cells.devices(ALICE)).containsExactly(PHONE);
    assertThat(cells.deviceKeys(ALICE, PHONE)).isNotNull();
    account.assertReplayIsEqual();
  }

  @Test
  void anAccountHasABoundedNumberOfDevices() {
    account.with(ALICE, PHONE);
    IntStream.range(1, Limits.DEVICES_MAX)
        .forEach(i -> account.done(account.login(ALICE, new DeviceId("D" + i))));
    account.refused(account.login(ALICE, LAPTOP), Failure.LIMIT_EXCEEDED);
    account.done(account.login(ALICE, PHONE));
  }

  @Test
  void endingASessionDeletesTheDeviceItsKeysAndItsMessages() {
    account.with(ALICE, PHONE);
    account.done(account.login(ALICE, LAPTOP));
    account.done(account.note(ROOM, "join", 1));
    account.done(account.identity(PHONE, "id"));
    account.done(account.upload(PHONE, Map.of("A", "a"), Map.of("F", "f")));
    account.done(account.send(Map.of("*", "hi"), "t1"));
    account.toRooms.clear();

    account.done(new AccountCommand.EndSessions(account.id(), 1, ALICE, List.of(PHONE)));
    assertThat(account.items.values())
        .extracting(AccountItem::itemKey)
        .allMatch(key -> key.startsWith("to_device|LAPTOP|"))
        .hasSize(1);
    assertThat(account.toRooms).hasSize(1).allMatch(RoomCommand.EchoDevices.class::isInstance);
    assertThat(Account.cells(account.state).keySet()).noneMatch(key -> key.contains("PHONE"));
    account.assertReplayIsEqual();
  }

  @Test
  void endingAllSessionsGoesOnInBoundedSteps() {
    account.with(ALICE, PHONE);
    int devices = Limits.DEVICES_PER_STEP_MAX * 2 + 10;
    IntStream.range(1, devices)
        .forEach(i -> account.done(account.login(ALICE, new DeviceId("D" + i))));
    int rounds = 3 * Limits.ITEMS_PER_STEP_MAX / devices;
    IntStream.range(0, rounds)
        .forEach(i -> account.done(account.send(Map.of("*", "m" + i), "t" + i)));
    assertThat(account.items).hasSizeGreaterThan(2 * Limits.ITEMS_PER_STEP_MAX);

    account.done(new AccountCommand.EndSessions(account.id(), 1, ALICE, null));
    assertThat(new Cells(account.state).devices(ALICE))
        .hasSize(devices - Limits.DEVICES_PER_STEP_MAX);
    assertThat(account.toSelf).hasSize(1);
    AccountCommand goesOn = account.toSelf.getFirst();
    assertThat(account.settle()).isBetween(2, 5);
    assertThat(account.items).isEmpty();
    assertThat(new Cells(account.state).devices(ALICE)).isEmpty();
    account.assertReplayIsEqual();

    // Met again after a new login with the same device, it does nothing.
    var again = (AccountCommand.EndSessions) goesOn;
    DeviceId device = again.devices().getFirst();
    account.done(account.login(ALICE, device));
    account.done(again);
    assertThat(new Cells(account.state).devices(ALICE)).containsExactly(device);
  }

  @Test
  void aDeviceIdCannotBeUsedWhileItsMessagesAreBeingDeleted() {
    account.with(ALICE, PHONE);
    IntStream.rangeClosed(0, Limits.ITEMS_PER_STEP_MAX)
        .forEach(i -> account.done(account.send(Map.of("PHONE", "m" + i), "t" + i)));
    account.done(new AccountCommand.EndSessions(account.id(), 1, ALICE, null));
    account.refused(account.login(ALICE, PHONE), Failure.BAD_STATE);
    account.settle();
    account.done(account.login(ALICE, PHONE));
    assertThat(account.waiting(PHONE)).isEmpty();
  }

  @Test
  void endingWhatIsNotThereChangesNothing() {
    account.with(ALICE, PHONE);
    account.done(new AccountCommand.EndSessions(account.id(), 1, ALICE, List.of(LAPTOP)));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
  }

  @Test
  void renamesADevice() {
    account.with(ALICE, PHONE);
    account.done(new AccountCommand.RenameDevice(account.id(), 1, ALICE, PHONE, "New"));
    assertThat(new Cells(account.state).device(ALICE, PHONE))
        .isEqualTo(new Cells.Device("token", "New"));
    account.refused(
        new AccountCommand.RenameDevice(account.id(), 1, ALICE, LAPTOP, "New"), Failure.NOT_FOUND);
    account.refused(
        new AccountCommand.RenameDevice(
            account.id(), 1, ALICE, PHONE, "x".repeat(Limits.DEVICE_NAME_CHARS_MAX + 1)),
        Failure.TOO_LARGE);
  }

  @Test
  void refusedCommandsLeaveARecordAndATick() {
    var outputs =
        account.machine.refuse("@a:b", null, Position.ofOffset(3), Failure.INTERNAL, "broken");
    assertThat(outputs).hasSize(2);
    assertThat(outputs.getFirst().record()).isInstanceOf(AccountRecord.CommandSettled.class);
  }

  @Test
  void aPadLeavesARecordAtItsFirstOrdinal() {
    var outputs =
        account.machine.decide(
            account.state,
            new AccountCommand.Pad("p", 1, "pad", 7, List.of()),
            Position.ofOffset(3).withOrdinal(7));
    assertThat(outputs.getFirst().record().position()).isEqualTo(Position.of(0, 3, 7));
    assertThat(Account.cells(account.state)).isEmpty();
  }
}
