package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.CURVE;
import static org.headrace.account.account.Account.LAPTOP;
import static org.headrace.account.account.Account.PHONE;
import static org.headrace.account.account.Account.ROOM;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeysTest {
  private final Account account = new Account();

  @BeforeEach
  void register() {
    account.with(ALICE, PHONE);
  }

  @Test
  void uploadsAndTellsTheCounts() {
    var result = account.done(account.upload(PHONE, Map.of("A", "a", "B", "b"), Map.of("F", "f")));
    assertThat(result.toString()).isEqualTo("{\"one_time_key_counts\":{\"" + CURVE + "\":2}}");
    var counts = (AccountRecord.KeyCountsChanged) account.newest().getLast();
    assertThat(counts.oneTimeKeyCounts()).isEqualTo(Map.of(CURVE, 2));
    assertThat(counts.unusedFallbackKeyTypes()).containsExactly(CURVE);
    account.assertReplayIsEqual();
  }

  @Test
  void givesKeysOutInOrderAndOnceThenTheFallbackKey() {
    account.done(account.upload(PHONE, Map.of("Z", "first"), Map.of("F", "f")));
    account.done(account.upload(PHONE, Map.of("A", "second"), Map.of()));
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":Z", "first"));
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":A", "second"));
    assertThat(((AccountRecord.KeyCountsChanged) account.newest().getLast()).oneTimeKeyCounts())
        .isEqualTo(Map.of(CURVE, 0));
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":F", "f"));
    var used = (AccountRecord.KeyCountsChanged) account.newest().getLast();
    assertThat(used.unusedFallbackKeyTypes()).isEmpty();
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":F", "f"));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    account.assertReplayIsEqual();
  }

  @Test
  void aFallbackKeyMayHaveTheIdOfAOneTimeKey() {
    account.done(account.upload(PHONE, Map.of("A", "once"), Map.of("A", "often")));
    account.done(account.upload(PHONE, Map.of("A", "once"), Map.of("A", "often")));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":A", "once"));
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":A", "often"));
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":A", "often"));
    account.assertReplayIsEqual();
  }

  @Test
  void keysWhoseIdsHoldSeparatorsStayApart() {
    account.done(account.upload(PHONE, Map.of("A|fallback", "once"), Map.of("A", "often")));
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":A|fallback", "once"));
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":A", "often"));
    account.assertReplayIsEqual();
  }

  @Test
  void claimsOfUnknownDevicesAndAlgorithmsYieldNothing() {
    account.done(account.upload(PHONE, Map.of("A", "a"), Map.of()));
    assertThat(account.claimed(LAPTOP)).isEmpty();
    var other = new TreeMap<>(Map.of("PHONE", "curve25519"));
    assertThat(account.done(new AccountCommand.ClaimKeys("c", 1, ALICE, other)).path("devices"))
        .isEmpty();
    assertThat(account.claimed(PHONE)).isNotEmpty();
  }

  @Test
  void aRepeatedUploadAddsNothingEvenAfterAClaim() {
    account.done(account.upload(PHONE, Map.of("A", "a"), Map.of()));
    account.done(account.upload(PHONE, Map.of("A", "a"), Map.of()));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    assertThat(account.claimed(PHONE)).isNotEmpty();
    var result = account.done(account.upload(PHONE, Map.of("A", "a"), Map.of()));
    assertThat(result.path("one_time_key_counts").path(CURVE).intValue()).isZero();
    assertThat(account.claimed(PHONE)).isEmpty();
    account.assertReplayIsEqual();
  }

  @Test
  void refusesAnotherKeyUnderTheSameId() {
    account.done(account.upload(PHONE, Map.of("A", "a"), Map.of("F", "f")));
    account.refused(account.upload(PHONE, Map.of("A", "b"), Map.of()), Failure.INVALID_PARAM);
  }

  @Test
  void refusesUploadsBeyondLimits() {
    Map<String, String> many =
        IntStream.rangeClosed(0, Limits.ONE_TIME_KEYS_MAX)
            .boxed()
            .collect(Collectors.toMap(i -> "K" + i, i -> "k" + i));
    account.refused(account.upload(PHONE, many, Map.of()), Failure.LIMIT_EXCEEDED);
    many.remove("K0");
    account.done(account.upload(PHONE, many, Map.of()));
    account.refused(account.upload(PHONE, Map.of("K0", "k0"), Map.of()), Failure.LIMIT_EXCEEDED);
    account.refused(
        account.upload(PHONE, Map.of(), Map.of("F", "f", "G", "g")), Failure.INVALID_PARAM);
    account.refused(
        account.upload(PHONE, Map.of("X", "x".repeat(Limits.KEY_OBJECT_BYTES_MAX)), Map.of()),
        Failure.TOO_LARGE);
    account.refused(
        account.upload(PHONE, Map.of("x".repeat(Limits.KEY_ID_BYTES_MAX), "x"), Map.of()),
        Failure.INVALID_PARAM);
    account.refused(account.upload(LAPTOP, Map.of("A", "a"), Map.of()), Failure.NOT_FOUND);
  }

  @Test
  void aNewFallbackKeyReplacesTheFormerAndIsUnused() {
    account.done(account.upload(PHONE, Map.of(), Map.of("F", "f")));
    account.claimed(PHONE);
    account.done(account.upload(PHONE, Map.of(), Map.of("F", "f")));
    assertThat(new Cells(account.state).keyCounts(ALICE, PHONE).unusedFallbackTypes()).isEmpty();
    account.done(account.upload(PHONE, Map.of(), Map.of("G", "g")));
    assertThat(new Cells(account.state).keyCounts(ALICE, PHONE).unusedFallbackTypes())
        .containsExactly(CURVE);
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":G", "g"));
    assertThat(account.items).hasSize(1);
    account.assertReplayIsEqual();
  }

  @Test
  void deviceKeysAreEchoedToJoinedRoomsOnceUntilTheyChange() {
    account.done(account.note(ROOM, "join", 1));
    assertThat(account.toRooms).isEmpty();
    account.done(account.identity(PHONE, "one"));
    assertThat(account.toRooms).hasSize(1).allMatch(RoomCommand.EchoDevices.class::isInstance);
    assertThat(account.toRooms.getFirst().id())
        .isEqualTo(
            "account:"
                + ALICE
                + ":"
                + account.newest().getLast().position().packed()
                + ":"
                + ROOM
                + "/devices");
    account.done(account.identity(PHONE, "one"));
    assertThat(account.toRooms).hasSize(1);
  }

  @Test
  void anotherIdentityTakesTheFormersKeysAway() {
    account.done(account.identity(PHONE, "one"));
    account.done(account.upload(PHONE, Map.of("A", "a", "B", "b"), Map.of("F", "f")));
    account.claimed(PHONE);
    account.done(account.identity(PHONE, "two"));
    assertThat(account.items).isEmpty();
    assertThat(account.claimed(PHONE)).isEmpty();
    account.done(account.upload(PHONE, Map.of("A", "new"), Map.of()));
    assertThat(account.claimed(PHONE)).isEqualTo(Map.of(CURVE + ":A", "new"));
    account.assertReplayIsEqual();
  }

  @Test
  void refusesDeviceKeysOfAnotherDevice() {
    account.refused(
        new AccountCommand.UploadKeys(
            "u",
            1,
            ALICE,
            PHONE,
            Json.object().put("user_id", ALICE.value()).put("device_id", "LAPTOP"),
            new TreeMap<>(),
            new TreeMap<>()),
        Failure.INVALID_PARAM);
  }
}
