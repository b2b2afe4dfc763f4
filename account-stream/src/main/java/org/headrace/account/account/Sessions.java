package org.headrace.account.account;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.topology.machine.Output;
import org.jspecify.annotations.Nullable;

/** Accounts, their devices and tokens. */
final class Sessions {
  private final Cells cells;
  private final Decision decision;

  Sessions(Cells cells, Decision decision) {
    this.cells = cells;
    this.decision = decision;
  }

  /** A name once taken is never given again: events signed by its user stay for ever. */
  List<Output> register(AccountCommand.Register c) {
    UserId user = c.user();
    if (!user.isStrict()) {
      return decision.fail(Failure.INVALID_PARAM, "this username has characters that it may not");
    }
    if (cells.account(user) != null) {
      return decision.fail(Failure.USER_IN_USE, "this username is taken");
    }
    if (c.session() != null) {
      Optional<String> bad = badSession(c.session());
      if (bad.isPresent()) {
        return decision.fail(Failure.INVALID_PARAM, bad.get());
      }
    }
    for (var data : c.initialAccountData().values()) {
      if (LogJson.encode(data).length > Limits.ACCOUNT_DATA_BYTES_MAX) {
        return decision.fail(Failure.TOO_LARGE, "the account data is too large");
      }
    }
    decision.record(
        (position, last) ->
            new AccountRecord.AccountCreated(
                position, c.key(), c.id(), last, user, c.passwordHash(), c.admin(), c.ts()));
    if (c.session() != null) {
      recordSession(user, c.session(), c.session().displayName(), c.ts());
    }
    for (var data : c.initialAccountData().entrySet()) {
      decision.put(
          new AccountItem.AccountData(
              decision.nextItem(), user, null, data.getKey(), data.getValue()));
    }
    decision.recordItems(user, null);
    return decision.done();
  }

  List<Output> create(AccountCommand.CreateSession c) {
    Cells.Account account = cells.account(c.user());
    if (account == null) {
      return decision.fail(Failure.FORBIDDEN, "wrong username or password");
    }
    Position password = c.passwordPosition();
    if (password != null && !password.equals(account.passwordPosition())) {
      return decision.fail(Failure.FORBIDDEN, "the password has changed");
    }
    AccountCommand.Session session = c.session();
    Optional<String> bad = badSession(session);
    if (bad.isPresent()) {
      return decision.fail(Failure.INVALID_PARAM, bad.get());
    }
    Cells.Device known = cells.device(c.user(), session.device());
    if (known == null) {
      if (cells.devices(c.user()).size() >= Limits.DEVICES_MAX) {
        return decision.fail(
            Failure.LIMIT_EXCEEDED, "an account has at most " + Limits.DEVICES_MAX + " devices");
      }
      if (!leftovers(c.user(), session.device(), 1).isEmpty()) {
        return decision.fail(Failure.BAD_STATE, "this device is still being deleted");
      }
    }
    String name = session.displayName();
    if (name == null && known != null) {
      name = known.displayName();
    }
    recordSession(c.user(), session, name, c.ts());
    if (known != null && !Objects.equals(name, known.displayName())) {
      tellOfName(c.user(), session.device(), c.ts());
    }
    return decision.done();
  }

  private void recordSession(
      UserId user, AccountCommand.Session session, @Nullable String displayName, long ts) {
    decision.record(
        (position, last) ->
            new AccountRecord.SessionCreated(
                position,
                decision.key(),
                decision.commandId(),
                last,
                user,
                session.device(),
                session.tokenHash(),
                displayName,
                ts));
  }

  /** Item keys join their parts with a bar, so a device id may not hold one. */
  private static Optional<String> badSession(AccountCommand.Session session) {
    String device = session.device().value();
    if (device.indexOf('|') >= 0 || device.chars().anyMatch(Character::isISOControl)) {
      return Optional.of("a device id may hold neither | nor control characters");
    }
    return tooLong(session.displayName())
        ? Optional.of("the device's display name is too long")
        : Optional.empty();
  }

  private static boolean tooLong(@Nullable String displayName) {
    return displayName != null && displayName.length() > Limits.DEVICE_NAME_CHARS_MAX;
  }

  List<Output> rename(AccountCommand.RenameDevice c) {
    Cells.Device device = cells.device(c.user(), c.device());
    if (device == null) {
      return decision.fail(Failure.NOT_FOUND, "no such device");
    }
    if (tooLong(c.displayName())) {
      return decision.fail(Failure.TOO_LARGE, "the device's display name is too long");
    }
    decision.record(
        (position, last) ->
            new AccountRecord.DeviceRenamed(
                position, c.key(), c.id(), last, c.user(), c.device(), c.displayName()));
    tellOfName(c.user(), c.device(), c.ts());
    return decision.done();
  }

  /** A device without keys is shown to nobody. */
  private void tellOfName(UserId user, DeviceId device, long ts) {
    if (cells.deviceKeys(user, device) != null) {
      DeviceLists list = new DeviceLists(cells, decision, user);
      list.changed(device);
      list.tell(ts);
    }
  }

  /**
   * Deletes devices at once and what waits for them as far as one step goes; a command to itself
   * does the rest. Until then nothing reads what is left, and the device id cannot be used again.
   */
  List<Output> end(AccountCommand.EndSessions c) {
    UserId user = c.user();
    List<DeviceId> asked = c.devices() == null ? cells.devices(user) : c.devices();
    List<DeviceId> existing =
        asked.stream().filter(device -> cells.device(user, device) != null).distinct().toList();
    List<DeviceId> now =
        existing.subList(0, Math.min(existing.size(), Limits.DEVICES_PER_STEP_MAX));
    Position origin = decision.next();
    List<DeviceId> hadKeys =
        now.stream().filter(device -> cells.deviceKeys(user, device) != null).toList();
    if (!now.isEmpty()) {
      decision.record(
          (position, last) ->
              new AccountRecord.DevicesDeleted(
                  position, c.key(), c.id(), last, user, List.copyOf(now)));
    }
    DeviceLists list = new DeviceLists(cells, decision, user);
    hadKeys.forEach(list::changed);
    List<DeviceId> rest = new ArrayList<>(existing.subList(now.size(), existing.size()));
    int budget = Limits.ITEMS_PER_STEP_MAX;
    for (DeviceId device : asked.stream().distinct().toList()) {
      if (cells.device(user, device) != null) {
        continue;
      }
      List<String> left = leftovers(user, device, budget + 1);
      for (String itemKey : left.subList(0, Math.min(left.size(), budget))) {
        decision.remove(user, itemKey);
      }
      if (left.size() > budget) {
        rest.add(device);
      }
      budget -= Math.min(left.size(), budget);
    }
    decision.recordItems(user, null);
    if (!rest.isEmpty()) {
      String id = Decision.crossingId(c.key(), origin, "end_sessions");
      decision.sendToSelf(new AccountCommand.EndSessions(id, c.ts(), user, rest));
    }
    list.tell(c.ts());
    return decision.done();
  }

  /** Keys of items that wait for a device. */
  private List<String> leftovers(UserId user, DeviceId device, int limit) {
    List<String> found = new ArrayList<>(cells.itemKeys(user, ItemKey.keys(device), limit));
    if (found.size() < limit) {
      found.addAll(cells.toDevice(user, device, limit - found.size()));
    }
    return found;
  }
}
