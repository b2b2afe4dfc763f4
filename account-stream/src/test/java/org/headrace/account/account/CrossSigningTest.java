package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.BOB;
import static org.headrace.account.account.Account.PHONE;
import static org.headrace.account.account.Account.ROOM;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeMap;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.KeySignature;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CrossSigningTest {
  private final Account account = new Account();

  @BeforeEach
  void register() {
    account.with(ALICE, PHONE);
  }

  private AccountCommand keys(String master, boolean mayReplace) {
    TreeMap<String, ObjectNode> keys = new TreeMap<>();
    keys.put("master", Json.object().put("key", master));
    return new AccountCommand.UploadSigningKeys(account.id(), 1, ALICE, keys, mayReplace);
  }

  private AccountCommand signature(UserId target, String signature) {
    return new AccountCommand.UploadSignatures(
        account.id(),
        1,
        ALICE,
        List.of(new KeySignature(target, "K|1", "hash", "ed25519:S", signature)));
  }

  @Test
  void theFirstKeysNeedNoAuthenticationAndOthersDo() {
    account.done(keys("a", false));
    account.done(keys("a", false));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    account.refused(keys("b", false), Failure.FORBIDDEN);
    account.done(keys("b", true));
    account.assertReplayIsEqual();
  }

  @Test
  void roomsLearnOfKeysAndOfWhatTheySignOfTheirOwner() {
    account.done(account.note(ROOM, "join", 5));
    account.toRooms.clear();
    account.done(keys("a", false));
    account.done(signature(ALICE, "s1"));
    assertThat(account.toRooms).hasSize(2).allMatch(RoomCommand.EchoDevices.class::isInstance);
    account.done(signature(BOB, "s1"));
    assertThat(account.toRooms).hasSize(2);
    account.assertReplayIsEqual();
  }

  @Test
  void aSignatureThatIsKnownChangesNothing() {
    account.done(signature(BOB, "s1"));
    account.done(signature(BOB, "s1"));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    account.done(signature(BOB, "s2"));
    assertThat(new Cells(account.state).signatures(ALICE)).isEqualTo(1);
    account.assertReplayIsEqual();
  }
}
