package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.PHONE;
import static org.headrace.account.account.Account.ROOM;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.IntStream;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SettingsTest {
  private final Account account = new Account();

  @BeforeEach
  void register() {
    account.with(ALICE, PHONE);
  }

  private AccountCommand data(@Nullable RoomId room, String type, ObjectNode content) {
    return new AccountCommand.SetAccountData(account.id(), 1, ALICE, room, type, content);
  }

  private AccountCommand filter(String id, ObjectNode filter) {
    return new AccountCommand.AddFilter(account.id(), 1, ALICE, id, filter);
  }

  @Test
  void accountDataIsReplacedGloballyAndByRoom() {
    account.done(data(null, "t", Json.object().put("a", 1)));
    account.done(data(ROOM, "t", Json.object().put("a", 2)));
    account.done(data(null, "t", Json.object().put("a", 3)));
    assertThat(account.items).hasSize(2);
    assertThat(new Cells(account.state).accountDataCount(ALICE)).isEqualTo(2);
    var global = (AccountItem.AccountData) account.items.get(ALICE + "|data||t");
    assertThat(global.content()).isEqualTo(Json.object().put("a", 3));
    assertThat(global.position()).isEqualTo(account.lastPosition());
    account.assertReplayIsEqual();
  }

  @Test
  void refusesAccountDataThatIsTooLarge() {
    ObjectNode large = Json.object().put("x", "x".repeat(Limits.ACCOUNT_DATA_BYTES_MAX));
    account.refused(data(null, "t", large), Failure.TOO_LARGE);
  }

  @Test
  void equalFiltersAreOne() {
    account.done(filter("f", Json.object()));
    account.done(filter("f", Json.object()));
    assertThat(account.newest()).singleElement().isInstanceOf(AccountRecord.CommandSettled.class);
    assertThat(new Cells(account.state).filters(ALICE)).isEqualTo(1);
    account.assertReplayIsEqual();
  }

  @Test
  void filtersAreBounded() {
    account.refused(
        filter("f", Json.object().put("x", "x".repeat(Limits.FILTER_BYTES_MAX))),
        Failure.TOO_LARGE);
    IntStream.range(0, Limits.FILTERS_MAX)
        .forEach(i -> account.done(filter("f" + i, Json.object())));
    account.refused(filter("more", Json.object()), Failure.LIMIT_EXCEEDED);
  }
}
