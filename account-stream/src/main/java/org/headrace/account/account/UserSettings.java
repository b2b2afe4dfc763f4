package org.headrace.account.account;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.topology.machine.Output;
import org.jspecify.annotations.Nullable;

/** Profile fields, account data and filters. */
final class UserSettings {
  static final String DISPLAYNAME = "displayname";
  static final String AVATAR_URL = "avatar_url";

  private final Cells cells;
  private final Decision decision;

  UserSettings(Cells cells, Decision decision) {
    this.cells = cells;
    this.decision = decision;
  }

  /** Rooms are told of displayname and avatar_url, which their member events carry. */
  List<Output> setProfileField(AccountCommand.SetProfileField c) {
    UserId user = c.user();
    if (cells.account(user) == null) {
      return unknown();
    }
    SortedMap<String, String> fields = cells.profile(user);
    if (bytes(c.field()) > Limits.PROFILE_FIELD_BYTES_MAX) {
      return decision.fail(Failure.INVALID_PARAM, "the field's name is too long");
    }
    boolean inMemberEvents = c.field().equals(DISPLAYNAME) || c.field().equals(AVATAR_URL);
    if (inMemberEvents && bytes(c.value()) > Limits.PROFILE_MEMBER_VALUE_BYTES_MAX) {
      return decision.fail(Failure.TOO_LARGE, "the " + c.field() + " is too long");
    }
    if (Objects.equals(fields.get(c.field()), c.value())) {
      return decision.done();
    }
    int others =
        fields.entrySet().stream()
            .filter(field -> !field.getKey().equals(c.field()))
            .mapToInt(field -> bytes(field.getKey()) + bytes(field.getValue()))
            .sum();
    if (c.value() != null
        && others + bytes(c.field()) + bytes(c.value()) > Limits.PROFILE_BYTES_MAX) {
      return decision.fail(Failure.TOO_LARGE, "the profile would be too large");
    }
    Position origin = decision.next();
    decision.record(
        (position, last) ->
            new AccountRecord.ProfileChanged(
                position, c.key(), c.id(), last, user, c.field(), c.value()));
    if (inMemberEvents) {
      new Echoes(cells, decision).profile(user, origin, c.ts());
    }
    return decision.done();
  }

  List<Output> setAccountData(AccountCommand.SetAccountData c) {
    if (cells.account(c.user()) == null) {
      return unknown();
    }
    if (LogJson.encode(c.content()).length > Limits.ACCOUNT_DATA_BYTES_MAX) {
      return decision.fail(Failure.TOO_LARGE, "the account data is too large");
    }
    var item =
        new AccountItem.AccountData(decision.nextItem(), c.user(), c.room(), c.type(), c.content());
    if (!cells.hasItem(c.user(), item.itemKey())
        && cells.accountDataCount(c.user()) >= Limits.ACCOUNT_DATA_MAX) {
      return decision.fail(Failure.LIMIT_EXCEEDED, "the account has too much account data");
    }
    decision.put(item);
    decision.recordItems(c.user(), null);
    return decision.done();
  }

  List<Output> addFilter(AccountCommand.AddFilter c) {
    if (cells.account(c.user()) == null) {
      return unknown();
    }
    if (cells.hasFilter(c.user(), c.filterId())) {
      return decision.done();
    }
    if (LogJson.encode(c.filter()).length > Limits.FILTER_BYTES_MAX) {
      return decision.fail(Failure.TOO_LARGE, "the filter is too large");
    }
    if (cells.filters(c.user()) >= Limits.FILTERS_MAX) {
      return decision.fail(Failure.LIMIT_EXCEEDED, "the account has too many filters");
    }
    decision.record(
        (position, last) ->
            new AccountRecord.FilterAdded(
                position, c.key(), c.id(), last, c.user(), c.filterId(), c.filter()));
    return decision.done();
  }

  private List<Output> unknown() {
    return decision.fail(Failure.NOT_FOUND, "no such account");
  }

  private static int bytes(@Nullable String text) {
    return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
  }
}
