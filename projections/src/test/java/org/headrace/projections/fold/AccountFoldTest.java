package org.headrace.projections.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.json;

import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.json.Json;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Outcome;
import org.junit.jupiter.api.Test;

class AccountFoldTest {
  private static final DeviceId ODD = new DeviceId("my|device");

  @Test
  void aLoginWithoutANameKeepsTheOldOne() {
    assertThat(AccountFold.fold(login(null)))
        .containsExactly(new RowChange.SessionPut(ALICE, ODD, "t", 9));
    assertThat(AccountFold.fold(login("Phone")))
        .containsExactly(
            new RowChange.SessionPut(ALICE, ODD, "t", 9),
            new RowChange.DeviceNamePut(ALICE, ODD, "Phone"));
  }

  @Test
  void aTombstoneNamesItsItemWhateverTheDeviceIsCalled() {
    AccountItem message = new AccountItem.ToDevice(at(7, 3), ALICE, ODD, BOB, "t", json("{}"));
    assertThat(AccountFold.itemGone(message.recordKey()))
        .containsExactly(new RowChange.ToDeviceDelete(ALICE.value(), "my|device", at(7, 3)));
    AccountItem data = new AccountItem.AccountData(at(7), ALICE, ROOM, "a|b", json("{}"));
    assertThat(AccountFold.itemGone(data.recordKey()))
        .containsExactly(new RowChange.AccountDataDelete(ALICE.value(), data.itemKey()));
    AccountItem key = new AccountItem.OneTimeKey(at(7), ALICE, ODD, "signed:A", false, json("{}"));
    assertThat(AccountFold.itemGone(key.recordKey())).isEmpty();
  }

  @Test
  void aMessageOfADeviceWithASeparatorInItsNameGoes() {
    DeviceId device = new DeviceId("D|%7C");
    AccountItem.ToDevice message =
        new AccountItem.ToDevice(at(1), ALICE, device, BOB, "m.x", Json.object());
    assertThat(AccountFold.itemGone(message.recordKey()))
        .containsExactly(new RowChange.ToDeviceDelete(ALICE.value(), "D|%7C", at(1)));
  }

  @Test
  void awaitsWhatViewsShow() {
    assertThat(
            AccountFold.awaitedItems(
                new AccountRecord.ItemsChanged(
                    at(1),
                    ALICE.value(),
                    "c",
                    true,
                    ALICE,
                    List.of("data||m.direct", "key|D|signed:A"),
                    List.of("to_device|D|0000000000000800"),
                    null)))
        .containsExactly(
            "@alice:a.example|data||m.direct", "@alice:a.example|to_device|D|0000000000000800");
  }

  @Test
  void concernsTheUserOrTheAliasesCreator() {
    RoomAlias alias = new RoomAlias("#x:a.example");
    assertThat(AccountFold.concerned(login(null))).containsExactly(ALICE);
    assertThat(
            AccountFold.concerned(
                new AccountRecord.AliasChanged(
                    at(1), alias.value(), "c", true, alias, ROOM, BOB, false, 1)))
        .containsExactly(BOB);
    // What pads a log after a power cut is nobody's.
    assertThat(
            AccountFold.concerned(
                new AccountRecord.CommandSettled(
                    at(1), "@pad", "pad:1", true, new Outcome.Done(json("{}")))))
        .isEmpty();
  }

  private static AccountRecord login(String name) {
    return new AccountRecord.SessionCreated(
        at(1), ALICE.value(), "c", true, ALICE, ODD, "t", name, 9);
  }
}
