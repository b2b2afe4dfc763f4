package org.headrace.projections.fold;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.log.KeyPart;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;

/** What records of {@code account.log} and {@code account.items} change in the views. Pure. */
public final class AccountFold {
  private static final String DATA = "data|";
  private static final String TO_DEVICE = "to_device|";
  private static final int HEX = 16;

  private AccountFold() {}

  public static List<RowChange> fold(AccountRecord record) {
    return switch (record) {
      case AccountRecord.AccountCreated r ->
          List.of(
              new RowChange.AccountPut(
                  new AccountsView.Account(
                      r.user(), r.passwordHash(), r.position(), r.admin(), r.createdTs())));
      case AccountRecord.SessionCreated r -> session(r);
      case AccountRecord.DevicesDeleted r ->
          r.devices().stream()
              .<RowChange>map(device -> new RowChange.DeviceDelete(r.user(), device))
              .toList();
      case AccountRecord.DeviceRenamed r ->
          List.of(new RowChange.DeviceNamePut(r.user(), r.device(), r.displayName()));
      case AccountRecord.ProfileChanged r ->
          List.of(new RowChange.ProfilePut(r.user(), r.field(), r.value()));
      case AccountRecord.FilterAdded r ->
          List.of(new RowChange.FilterPut(r.user(), r.filterId(), r.filter()));
      case AccountRecord.DeviceKeysChanged r ->
          List.of(new RowChange.DeviceKeysPut(r.user(), r.device(), r.deviceKeys()));
      case AccountRecord.DeviceListChanged r ->
          List.of(new RowChange.DeviceListPut(r.user(), r.position()));
      case AccountRecord.KeyCountsChanged r ->
          List.of(
              new RowChange.KeyCountsPut(
                  r.user(), r.device(), r.oneTimeKeyCounts(), r.unusedFallbackKeyTypes()));
      case AccountRecord.AliasChanged r ->
          List.of(new RowChange.AliasPut(r.alias(), r.room(), r.creator(), r.reserved()));
      case AccountRecord.RoomListed r ->
          List.of(new RowChange.ListedPut(r.directory(), r.room(), r.listed()));
      case AccountRecord.MediaReserved r ->
          List.of(
              new RowChange.MediaPut(
                  r.user().server(),
                  r.media(),
                  new AccountsView.Media(r.user(), null, r.expiresTs())));
      case AccountRecord.MediaStored r ->
          List.of(
              new RowChange.MediaPut(
                  r.user().server(), r.media(), new AccountsView.Media(r.user(), r.content(), 0)),
              new RowChange.MediaBytesPut(r.user(), r.usedBytes()));
      case AccountRecord.SigningKeysChanged r ->
          List.of(new RowChange.SigningKeysPut(r.user(), r.keys()));
      case AccountRecord.SignaturesAdded r ->
          List.of(new RowChange.SignaturesPut(r.user(), r.signatures()));
      // Rooms tell of memberships, account.items of items; the others change nothing.
      case AccountRecord.MembershipNoted r -> List.of();
      case AccountRecord.ItemsChanged r -> List.of();
      case AccountRecord.CommandSettled r -> List.of();
    };
  }

  /** An item, put. One-time keys are the topology's alone: it gives them out. */
  public static List<RowChange> item(AccountItem item) {
    return switch (item) {
      case AccountItem.AccountData data -> List.of(new RowChange.AccountDataPut(data));
      case AccountItem.ToDevice message -> List.of(new RowChange.ToDevicePut(message));
      case AccountItem.OneTimeKey key -> List.of();
    };
  }

  /** A tombstone on {@code account.items}. Local users' ids hold no {@code |}. */
  public static List<RowChange> itemGone(String recordKey) {
    int bar = recordKey.indexOf('|');
    String user = recordKey.substring(0, bar);
    String itemKey = recordKey.substring(bar + 1);
    if (itemKey.startsWith(DATA)) {
      return List.of(new RowChange.AccountDataDelete(user, itemKey));
    }
    if (itemKey.startsWith(TO_DEVICE)) {
      int last = itemKey.lastIndexOf('|');
      return List.of(
          new RowChange.ToDeviceDelete(
              user,
              KeyPart.unescape(itemKey.substring(TO_DEVICE.length(), last)),
              new Position(Long.parseLong(itemKey.substring(last + 1), HEX))));
    }
    return List.of();
  }

  /**
   * The record keys on {@code account.items} that must be in, or gone from there, before the record
   * is visible. Those of one-time keys are not: no view shows them.
   */
  public static List<String> awaitedItems(AccountRecord record) {
    return record instanceof AccountRecord.ItemsChanged changed
        ? Stream.concat(changed.itemKeys().stream(), changed.removedItemKeys().stream())
            .filter(key -> key.startsWith(DATA) || key.startsWith(TO_DEVICE))
            .map(key -> changed.user() + "|" + key)
            .toList()
        : List.of();
  }

  /** The account's user; for an alias its creator; nobody for what pads a log after a power cut. */
  public static SortedSet<UserId> concerned(AccountRecord record) {
    SortedSet<UserId> users = new TreeSet<>();
    if (record instanceof AccountRecord.AliasChanged alias) {
      Optional.ofNullable(alias.creator()).ifPresent(users::add);
    } else if (record.key().startsWith("@")) {
      userOf(record.key()).ifPresent(users::add);
    }
    return users;
  }

  /** A refused command may have come under any key. */
  private static Optional<UserId> userOf(String key) {
    try {
      return Optional.of(new UserId(key));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  private static List<RowChange> session(AccountRecord.SessionCreated r) {
    List<RowChange> rows = new ArrayList<>();
    rows.add(new RowChange.SessionPut(r.user(), r.device(), r.tokenHash(), r.ts()));
    if (r.displayName() != null) {
      rows.add(new RowChange.DeviceNamePut(r.user(), r.device(), r.displayName()));
    }
    return rows;
  }
}
