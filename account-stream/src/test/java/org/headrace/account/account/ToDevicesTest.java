package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.LAPTOP;
import static org.headrace.account.account.Account.PHONE;

import java.util.Map;
import java.util.stream.IntStream;
import org.headrace.core.id.DeviceId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ToDevicesTest {
  private final Account account = new Account();

  @BeforeEach
  void register() {
    account.with(ALICE, PHONE);
    account.done(account.login(ALICE, LAPTOP));
  }

  private AccountCommand acknowledge(DeviceId device, Position upTo) {
    return new AccountCommand.AcknowledgeToDevice(account.id(), 1, ALICE, device, upTo);
  }

  @Test
  void aStarReachesEveryDeviceThatIsNotNamed() {
    account.done(account.send(Map.of("*", "all", "PHONE", "you", "GONE", "nobody"), "t"));
    assertThat(account.waiting(PHONE))
        .extracting(message -> message.content().path("body").textValue())
        .containsExactly("you");
    assertThat(account.waiting(LAPTOP))
        .extracting(message -> message.content().path("body").textValue())
        .containsExactly("all");
    assertThat(account.items).hasSize(2);
    assertThat(account.items.values().stream().map(AccountItem::position).distinct()).hasSize(2);
    account.assertReplayIsEqual();
  }

  @Test
  void unknownDevicesAndUsersGetNothing() {
    account.done(account.send(Map.of("GONE", "x"), "t"));
    assertThat(account.items).isEmpty();
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
  }

  @Test
  void aRepeatedTransactionIsDropped() {
    account.done(account.send(Map.of("PHONE", "x"), "t"));
    account.done(account.send(Map.of("PHONE", "x"), "t"));
    assertThat(account.waiting(PHONE)).hasSize(1);
    account.done(account.send(Map.of("PHONE", "x"), "t2"));
    assertThat(account.waiting(PHONE)).hasSize(2);
  }

  @Test
  void rememberedTransactionsAreBoundedAndTheNewestStay() {
    IntStream.rangeClosed(0, Limits.DEDUPE_IDS_MAX)
        .forEach(i -> account.done(account.send(Map.of("PHONE", "x"), "t" + i)));
    int waiting = account.waiting(PHONE).size();
    account.done(account.send(Map.of("PHONE", "x"), "t1"));
    assertThat(account.waiting(PHONE)).hasSize(waiting);
    account.done(account.send(Map.of("PHONE", "x"), "t0"));
    assertThat(account.waiting(PHONE)).hasSize(waiting + 1);
    account.assertReplayIsEqual();
  }

  @Test
  void acknowledgedMessagesOfTheDeviceGoAndLaterOnesStay() {
    account.done(account.send(Map.of("*", "one"), "t1"));
    Position first = account.lastPosition();
    account.done(account.send(Map.of("*", "two"), "t2"));
    account.done(acknowledge(PHONE, Position.NONE));
    assertThat(account.waiting(PHONE)).hasSize(2);
    account.done(acknowledge(PHONE, first.withOrdinal(Position.ORDINALS_MAX - 1)));
    assertThat(account.waiting(PHONE))
        .extracting(message -> message.content().path("body").textValue())
        .containsExactly("two");
    assertThat(account.waiting(LAPTOP)).hasSize(2);
    account.done(acknowledge(PHONE, first));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    account.assertReplayIsEqual();
  }

  @Test
  void acknowledgingManyGoesOnInBoundedSteps() {
    int sent = 2 * Limits.ITEMS_PER_STEP_MAX + 5;
    IntStream.range(0, sent)
        .forEach(i -> account.done(account.send(Map.of("PHONE", "m"), "t" + i)));
    account.done(acknowledge(PHONE, account.lastPosition()));
    assertThat(account.waiting(PHONE)).hasSize(sent - Limits.ITEMS_PER_STEP_MAX);
    assertThat(account.settle()).isEqualTo(2);
    assertThat(account.items).isEmpty();
    account.assertReplayIsEqual();
  }

  @Test
  void refusesMessagesThatAreTooLarge() {
    account.refused(
        account.send(Map.of("PHONE", "x".repeat(Limits.TO_DEVICE_BYTES_MAX)), "t"),
        Failure.TOO_LARGE);
  }

  @Test
  void aFullQueueTakesNoMoreAndOthersStillDo() {
    for (int i = 0; i < Limits.TO_DEVICE_MAX; i++) {
      var message =
          new AccountItem.ToDevice(
              Position.ofOffset(1_000 + i), ALICE, PHONE, ALICE, "m.test", Json.object());
      account.items.put(message.recordKey(), message);
      account.machine.applyItem(account.state, message);
    }
    account.refused(account.send(Map.of("PHONE", "x"), "t"), Failure.LIMIT_EXCEEDED);
    account.done(account.send(Map.of("*", "x"), "t"));
    assertThat(account.waiting(PHONE)).hasSize(Limits.TO_DEVICE_MAX);
    assertThat(account.waiting(LAPTOP)).hasSize(1);
    account.assertReplayIsEqual();
  }
}
