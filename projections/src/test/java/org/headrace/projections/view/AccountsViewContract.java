package org.headrace.projections.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.OTHER_ROOM;
import static org.headrace.projections.LogFixture.PHONE;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.projections.fold.AccountFold;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.KeySignature;
import org.headrace.schema.record.MediaContent;
import org.junit.jupiter.api.Test;

public abstract class AccountsViewContract extends ViewContract {
  private static final String KEY = ALICE.value();
  private static final DeviceId TABLET = new DeviceId("a|tablet");
  private static final RoomAlias ALIAS = new RoomAlias("#x:a.example");

  @Test
  void knowsAnAccount() {
    fold(new AccountRecord.AccountCreated(at(4), KEY, "c", true, ALICE, "hash", true, 123));
    assertThat(views.accounts().account(ALICE))
        .contains(new AccountsView.Account(ALICE, "hash", at(4), true, 123));
    assertThat(views.accounts().account(BOB)).isEmpty();
  }

  @Test
  void knowsUploadsBeforeAndAfterTheirContent() {
    MediaId id = new MediaId("m1");
    fold(new AccountRecord.MediaReserved(at(4), KEY, "c", true, ALICE, id, 99));
    assertThat(views.accounts().media(ALICE.server(), id))
        .contains(new AccountsView.Media(ALICE, null, 99));
    assertThat(views.accounts().mediaBytes(ALICE)).isZero();
    MediaContent content = new MediaContent("aa", 5, "text/plain", "a.txt");
    fold(new AccountRecord.MediaStored(at(5), KEY, "d", true, ALICE, id, content, 5, 50));
    assertThat(views.accounts().media(ALICE.server(), id).orElseThrow().content())
        .isEqualTo(content);
    assertThat(views.accounts().mediaBytes(ALICE)).isEqualTo(5);
    assertThat(views.accounts().media(new ServerName("b.example"), id)).isEmpty();
  }

  @Test
  void keepsSigningKeysAndTheNewestOfEachSignature() {
    TreeMap<String, ObjectNode> keys = new TreeMap<>();
    keys.put("master", json("{'k':1}"));
    KeySignature old = new KeySignature(BOB, "K", "h1", "ed25519:S", "s1");
    KeySignature newest = new KeySignature(BOB, "K", "h2", "ed25519:S", "s2");
    fold(
        new AccountRecord.SigningKeysChanged(at(3), KEY, "c", true, ALICE, keys),
        new AccountRecord.SignaturesAdded(at(4), KEY, "d", true, ALICE, List.of(old)),
        new AccountRecord.SignaturesAdded(at(5), KEY, "e", true, ALICE, List.of(newest)));
    assertThat(views.accounts().signingKeys(ALICE)).isEqualTo(keys);
    assertThat(views.accounts().signingKeys(BOB)).isEmpty();
    assertThat(views.accounts().signatures(ALICE, BOB)).containsExactly(newest);
    assertThat(views.accounts().signatures(BOB, ALICE)).isEmpty();
  }

  @Test
  void endsADevicesEarlierToken() {
    fold(session(1, PHONE, "t1", "Phone"), session(2, PHONE, "t2", null));
    assertThat(views.accounts().session("t1")).isEmpty();
    assertThat(views.accounts().session("t2")).contains(new AccountsView.Session(ALICE, PHONE));
    assertThat(views.accounts().device(ALICE, PHONE))
        .contains(new AccountsView.Device(ALICE, PHONE, "Phone", 2));
  }

  @Test
  void deletesADeviceWithItsTokenNameAndKeys() {
    fold(
        session(1, PHONE, "t1", "Phone"),
        session(2, TABLET, "t2", "Tablet"),
        new AccountRecord.DeviceKeysChanged(at(3), KEY, "c", true, ALICE, PHONE, json("{'k':1}")),
        counts(4, 5),
        new AccountRecord.DevicesDeleted(at(5), KEY, "c", true, ALICE, List.of(PHONE)));
    assertThat(views.accounts().session("t1")).isEmpty();
    assertThat(views.accounts().session("t2")).isPresent();
    assertThat(views.accounts().devices(ALICE))
        .containsExactly(new AccountsView.Device(ALICE, TABLET, "Tablet", 2));
    assertThat(views.accounts().deviceKeys(ALICE)).isEmpty();
    assertThat(views.accounts().keyCounts(ALICE, PHONE).oneTimeKeys()).isEmpty();
    fold(session(6, PHONE, "t6", null));
    assertThat(views.accounts().device(ALICE, PHONE).orElseThrow().displayName()).isNull();
    assertThat(views.accounts().session("t1")).isEmpty();
  }

  @Test
  void tellsTheNewestStepOfADeviceList() {
    assertThat(views.accounts().devicesChanged(ALICE)).isEqualTo(Position.NONE);
    fold(
        session(1, PHONE, "t1", "Phone"),
        new AccountRecord.DeviceKeysChanged(at(3), KEY, "c", true, ALICE, PHONE, json("{'k':1}")),
        counts(4, 5));
    assertThat(views.accounts().devicesChanged(ALICE)).isEqualTo(Position.NONE);
    fold(
        new AccountRecord.DeviceListChanged(at(5), KEY, "c", true, ALICE, PHONE, null),
        new AccountRecord.DeviceListChanged(at(6), KEY, "c", true, ALICE, null, at(5)));
    assertThat(views.accounts().devicesChanged(ALICE)).isEqualTo(at(6));
    fold(new AccountRecord.DeviceRenamed(at(7), KEY, "c", true, ALICE, PHONE, "New"));
    assertThat(views.accounts().devicesChanged(ALICE)).isEqualTo(at(6));
    assertThat(views.accounts().devicesChanged(BOB)).isEqualTo(Position.NONE);
  }

  @Test
  void renamesADevice() {
    fold(
        session(1, PHONE, "t1", "Phone"),
        new AccountRecord.DeviceRenamed(at(2), KEY, "c", true, ALICE, PHONE, "New"));
    assertThat(views.accounts().device(ALICE, PHONE).orElseThrow().displayName()).isEqualTo("New");
  }

  @Test
  void keepsProfileFiltersAndKeys() {
    fold(
        profile(1, "displayname", "Alice"),
        profile(2, "avatar_url", "mxc://a/b"),
        profile(3, "avatar_url", null),
        new AccountRecord.FilterAdded(at(4), KEY, "c", true, ALICE, "f", json("{'room':{}}")),
        new AccountRecord.DeviceKeysChanged(at(5), KEY, "c", true, ALICE, PHONE, json("{'k':1}")),
        counts(6, 50));
    assertThat(views.accounts().profile(ALICE)).containsOnlyKeys("displayname");
    assertThat(views.accounts().profile(BOB)).isEmpty();
    assertThat(views.accounts().filter(ALICE, "f")).contains(json("{'room':{}}"));
    assertThat(views.accounts().filter(BOB, "f")).isEmpty();
    assertThat(views.accounts().deviceKeys(ALICE)).containsEntry(PHONE, json("{'k':1}"));
    assertThat(views.accounts().keyCounts(ALICE, PHONE))
        .isEqualTo(
            new AccountsView.KeyCounts(
                new TreeMap<>(java.util.Map.of("signed_curve25519", 50)), List.of("fb")));
  }

  @Test
  void keepsTheNewestAccountDataOfEachRoomAndType() {
    fold(
        data(1, null, "m.direct", "{'v':1}"),
        data(2, ROOM, "m.tag", "{'v':2}"),
        data(3, null, "m.direct", "{'v':3}"));
    assertThat(views.accounts().accountData(ALICE, null, "m.direct"))
        .contains(data(3, null, "m.direct", "{'v':3}"));
    assertThat(views.accounts().accountData(ALICE, ROOM, "m.tag")).isPresent();
    assertThat(views.accounts().accountData(ALICE, OTHER_ROOM, "m.tag")).isEmpty();
    assertThat(views.accounts().accountDataChanged(ALICE, Position.NONE, at(9)))
        .extracting(AccountItem.AccountData::position)
        .containsExactly(at(2), at(3));
    assertThat(views.accounts().accountDataChanged(ALICE, at(2), at(9))).hasSize(1);
    assertThat(views.accounts().accountDataChanged(ALICE, at(3), at(9))).isEmpty();
    assertThat(views.accounts().accountDataChanged(BOB, Position.NONE, at(9))).isEmpty();
  }

  @Test
  void anOlderItemMetAgainChangesNothing() {
    fold(data(1, null, "t", "{'v':1}"), data(2, null, "t", "{'v':2}"));
    fold(data(1, null, "t", "{'v':1}"));
    assertThat(views.accounts().accountData(ALICE, null, "t").orElseThrow().position())
        .isEqualTo(at(2));
    assertThat(views.accounts().accountDataChanged(ALICE, at(1), at(2))).hasSize(1);
  }

  @Test
  void handsOutToDeviceMessagesUntilTheyAreAcknowledged() {
    for (int i = 1; i <= 5; i++) {
      fold(toDevice(i, TABLET));
    }
    fold(toDevice(3, PHONE));
    assertThat(views.accounts().toDevice(ALICE, TABLET, at(1), at(4), 2))
        .containsExactly(toDevice(2, TABLET), toDevice(3, TABLET));
    for (int i = 1; i <= 3; i++) {
      write(LATE, AccountFold.itemGone(toDevice(i, TABLET).recordKey()));
    }
    assertThat(views.accounts().toDevice(ALICE, TABLET, Position.NONE, at(9), 100))
        .containsExactly(toDevice(4, TABLET), toDevice(5, TABLET));
    assertThat(views.accounts().toDevice(ALICE, PHONE, Position.NONE, at(9), 100)).hasSize(1);
  }

  @Test
  void listsTheRoomsOfEachDirectory() {
    fold(listed(1, ROOM, true), listed(2, OTHER_ROOM, true));
    assertThat(views.accounts().listed(ALICE.server(), 9)).containsExactly(ROOM, OTHER_ROOM);
    assertThat(views.accounts().listed(ALICE.server(), 1)).containsExactly(ROOM);
    assertThat(views.accounts().listed(BOB.server(), 9)).isEmpty();
    assertThat(views.accounts().isListed(ALICE.server(), ROOM)).isTrue();
    assertThat(views.accounts().isListed(BOB.server(), ROOM)).isFalse();
    fold(listed(3, ROOM, false));
    assertThat(views.accounts().listed(ALICE.server(), 9)).containsExactly(OTHER_ROOM);
  }

  private static AccountRecord listed(long at, RoomId room, boolean listed) {
    return new AccountRecord.RoomListed(
        at(at), room.value(), "c", true, room, ALICE.server(), listed);
  }

  @Test
  void showsAnAliasOnceItIsSettled() {
    fold(alias(1, ROOM, true));
    assertThat(views.accounts().alias(ALIAS)).isEmpty();
    assertThat(views.accounts().aliasesOf(ROOM)).isEmpty();
    fold(alias(2, ROOM, false));
    assertThat(views.accounts().alias(ALIAS)).contains(ROOM);
    assertThat(views.accounts().aliasCreator(ALIAS)).contains(ALICE);
    assertThat(views.accounts().aliasesOf(ROOM)).containsExactly(ALIAS);
    fold(alias(3, OTHER_ROOM, false));
    assertThat(views.accounts().aliasesOf(ROOM)).isEmpty();
    assertThat(views.accounts().aliasesOf(OTHER_ROOM)).containsExactly(ALIAS);
    fold(alias(4, null, false));
    assertThat(views.accounts().alias(ALIAS)).isEmpty();
    assertThat(views.accounts().aliasesOf(OTHER_ROOM)).isEmpty();
  }

  private static AccountRecord session(long at, DeviceId device, String token, String name) {
    return new AccountRecord.SessionCreated(at(at), KEY, "c", true, ALICE, device, token, name, at);
  }

  private static AccountRecord profile(long at, String field, String value) {
    return new AccountRecord.ProfileChanged(at(at), KEY, "c", true, ALICE, field, value);
  }

  private static AccountRecord counts(long at, int count) {
    return new AccountRecord.KeyCountsChanged(
        at(at),
        KEY,
        "c",
        true,
        ALICE,
        PHONE,
        new TreeMap<>(java.util.Map.of("signed_curve25519", count)),
        List.of("fb"));
  }

  private static AccountItem.AccountData data(long at, RoomId room, String type, String content) {
    return new AccountItem.AccountData(at(at), ALICE, room, type, json(content));
  }

  private static AccountItem.ToDevice toDevice(long at, DeviceId device) {
    return new AccountItem.ToDevice(at(at), ALICE, device, BOB, "m.x", json("{'n':" + at + "}"));
  }

  private static AccountRecord alias(long at, RoomId room, boolean reserved) {
    return new AccountRecord.AliasChanged(
        at(at), ALIAS.value(), "c", true, ALIAS, room, room == null ? null : ALICE, reserved, at);
  }
}
