package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.BOB;
import static org.headrace.account.account.Account.LAPTOP;
import static org.headrace.account.account.Account.PHONE;
import static org.headrace.account.account.Account.ROOM;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.KeySignature;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A user's device list is one sequence of steps, each of which names the one before. */
class DeviceListsTest {
  private static final RoomId LATER = new RoomId("!later:example.org");

  private final Account account = new Account();

  @BeforeEach
  void alicesPhoneIsInARoom() {
    account.with(ALICE, PHONE);
    account.done(account.note(ROOM, "join", 1));
  }

  private AccountCommand rename(DeviceId device, String name) {
    return new AccountCommand.RenameDevice(account.id(), account.ts(), ALICE, device, name);
  }

  private AccountCommand end(DeviceId... devices) {
    return new AccountCommand.EndSessions(
        account.id(), account.ts(), ALICE, devices.length == 0 ? null : List.of(devices));
  }

  private AccountCommand signingKey(String key) {
    TreeMap<String, ObjectNode> keys = new TreeMap<>();
    keys.put("master", Json.object().put("key", key));
    return new AccountCommand.UploadSigningKeys(account.id(), account.ts(), ALICE, keys, true);
  }

  private AccountCommand signatures(UserId target, String... keyIds) {
    List<KeySignature> signatures = new ArrayList<>();
    for (String keyId : keyIds) {
      signatures.add(new KeySignature(target, keyId, "hash", "ed25519:S", "sig"));
    }
    return new AccountCommand.UploadSignatures(account.id(), account.ts(), ALICE, signatures);
  }

  /** What the account's log says of the list, in order. */
  private List<DeviceListChange> steps() {
    return account.log.stream()
        .filter(AccountRecord.DeviceListChanged.class::isInstance)
        .map(AccountRecord.DeviceListChanged.class::cast)
        .map(r -> new DeviceListChange(r.position(), r.device(), r.previous()))
        .toList();
  }

  private List<DeviceListChange> told(RoomId room) {
    return account.toRooms.stream()
        .filter(RoomCommand.EchoDevices.class::isInstance)
        .map(RoomCommand.EchoDevices.class::cast)
        .filter(echo -> echo.roomId().equals(room))
        .flatMap(echo -> echo.changes().stream())
        .toList();
  }

  @Test
  void eachChangeIsAStepThatNamesItsDeviceAndTheStepBefore() {
    account.done(account.identity(PHONE, "id"));
    account.done(account.login(ALICE, LAPTOP));
    account.done(account.identity(LAPTOP, "id"));
    account.done(rename(PHONE, "New"));
    account.done(signingKey("m"));
    account.done(signatures(ALICE, "LAPTOP"));
    account.done(end(PHONE));

    List<DeviceListChange> steps = steps();
    assertThat(steps)
        .extracting(DeviceListChange::device)
        .containsExactly(PHONE, LAPTOP, PHONE, null, LAPTOP, PHONE);
    Position before = null;
    for (DeviceListChange step : steps) {
      assertThat(step.previous()).isEqualTo(before);
      assertThat(before == null || step.position().isAfter(before)).isTrue();
      before = step.position();
    }
    assertThat(told(ROOM)).as("the rooms hear of each").isEqualTo(steps);
    account.assertReplayIsEqual();
  }

  @Test
  void whatOthersDoNotSeeIsNoStep() {
    account.done(rename(PHONE, "no keys yet"));
    account.done(rename(PHONE, "Device"));
    account.done(account.login(ALICE, LAPTOP));
    account.done(account.identity(PHONE, "id"));
    account.done(account.identity(PHONE, "id"));
    account.done(signatures(BOB, "BOBS"));
    account.done(account.login(ALICE, PHONE));
    account.done(end(LAPTOP));
    assertThat(steps()).hasSize(1);
    assertThat(told(ROOM)).hasSize(1);
  }

  @Test
  void aLoginThatRenamesADeviceIsAStep() {
    account.done(account.identity(PHONE, "id"));
    account.done(
        new AccountCommand.CreateSession(
            account.id(),
            account.ts(),
            ALICE,
            new AccountCommand.Session(PHONE, "other token", "Other name"),
            null));
    assertThat(steps()).hasSize(2);
    assertThat(told(ROOM)).isEqualTo(steps());
  }

  @Test
  void ofManyStepsAtOnceTheNewestAreToldAndTheOldestOfThemNamesWhatWasNot() {
    int devices = Limits.DEVICE_CHANGES_PER_ECHO_MAX + 5;
    IntStream.range(0, devices)
        .mapToObj(i -> new DeviceId(String.format("D%02d", i)))
        .forEach(
            device -> {
              account.done(account.login(ALICE, device));
              account.done(account.identity(device, "id"));
            });
    int before = steps().size();
    account.toRooms.clear();
    account.done(end());
    List<DeviceListChange> deleted = steps().subList(before, steps().size());
    assertThat(deleted).hasSize(devices);
    List<DeviceListChange> told = told(ROOM);
    assertThat(told)
        .isEqualTo(deleted.subList(devices - Limits.DEVICE_CHANGES_PER_ECHO_MAX, devices))
        .doesNotContain(deleted.getFirst());
    account.assertReplayIsEqual();
  }

  @Test
  void signaturesOfSeveralKeysAtOnceAreAStepForEachDeviceAndOneForTheOthers() {
    account.done(account.identity(PHONE, "id"));
    account.done(account.login(ALICE, LAPTOP));
    account.done(account.identity(LAPTOP, "id"));
    account.done(signatures(ALICE, "PHONE", "master-key", "LAPTOP"));
    assertThat(steps().subList(2, 5))
        .extracting(DeviceListChange::device)
        .containsExactly(LAPTOP, PHONE, null);
  }

  @Test
  void aRoomThatIsJoinedLaterIsToldTheNewestStep() {
    account.done(account.identity(PHONE, "id"));
    account.done(rename(PHONE, "New"));
    account.done(account.note(LATER, "join", 1));
    assertThat(told(LATER)).containsExactly(steps().getLast());
  }

  @Test
  void aRoomThatIsJoinedAfterAStepOfNoDeviceMustFetchTheList() {
    account.done(account.identity(PHONE, "id"));
    account.done(signingKey("m"));
    account.done(account.note(LATER, "join", 1));
    assertThat(account.toRooms.getLast())
        .isInstanceOfSatisfying(
            RoomCommand.EchoDevices.class,
            echo -> {
              assertThat(echo.roomId()).isEqualTo(LATER);
              assertThat(echo.changes()).isEmpty();
            });
  }

  @Test
  void anEchoThatGoesOnTellsTheSame() {
    IntStream.range(0, Limits.ROOMS_PER_CHUNK + 1)
        .forEach(i -> account.done(account.note(new RoomId("!r" + i + ":example.org"), "join", 1)));
    account.done(account.identity(PHONE, "id"));
    account.settle();
    assertThat(account.toRooms)
        .hasSize(Limits.ROOMS_PER_CHUNK + 2)
        .allSatisfy(
            echo -> assertThat(((RoomCommand.EchoDevices) echo).changes()).isEqualTo(steps()));
  }
}
