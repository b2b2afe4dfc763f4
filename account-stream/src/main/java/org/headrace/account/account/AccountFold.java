package org.headrace.account.account;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.id.UserId;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.Outcome;
import org.headrace.topology.machine.State;

/**
 * The only mutator of the account's state. {@link #apply} folds {@code account.log}; {@link
 * #applyItem} and {@link #removeItem} fold {@code account.items}. They write different cells, so a
 * rebuild folds the log in order and then whatever compaction has left of the items.
 */
final class AccountFold {
  /** Commands of an account to itself have ids with this prefix and are remembered. */
  static final String CROSSING = "account:";

  private AccountFold() {}

  static void apply(State state, AccountRecord record) {
    Cells cells = new Cells(state);
    switch (record) {
      case AccountRecord.AccountCreated r ->
          cells.putAccount(r.user(), new Cells.Account(r.position(), r.admin()));
      case AccountRecord.SessionCreated r ->
          cells.putDevice(r.user(), r.device(), new Cells.Device(r.tokenHash(), r.displayName()));
      case AccountRecord.DevicesDeleted r ->
          r.devices().forEach(device -> cells.deleteDevice(r.user(), device));
      case AccountRecord.DeviceRenamed r -> {
        Cells.Device device = cells.device(r.user(), r.device());
        if (device == null) {
          throw new IllegalStateException("no device " + r.device() + " at " + r.position());
        }
        cells.putDevice(
            r.user(), r.device(), new Cells.Device(device.tokenHash(), r.displayName()));
      }
      case AccountRecord.ProfileChanged r -> {
        SortedMap<String, String> fields = cells.profile(r.user());
        if (r.value() == null) {
          fields.remove(r.field());
        } else {
          fields.put(r.field(), r.value());
        }
        cells.putProfile(r.user(), fields);
      }
      case AccountRecord.FilterAdded r -> cells.putFilter(r.user(), r.filterId());
      case AccountRecord.DeviceKeysChanged r -> deviceKeysChanged(cells, r);
      case AccountRecord.DeviceListChanged r ->
          cells.putDeviceList(
              r.user(), new DeviceListChange(r.position(), r.device(), r.previous()));
      case AccountRecord.KeyCountsChanged r ->
          cells.putKeyCounts(
              r.user(),
              r.device(),
              new Cells.KeyCounts(
                  new TreeMap<>(r.oneTimeKeyCounts()), List.copyOf(r.unusedFallbackKeyTypes())));
      case AccountRecord.MembershipNoted r ->
          cells.putMembership(r.user(), r.room(), r.membership(), r.roomPosition());
      case AccountRecord.ItemsChanged r -> itemsChanged(cells, r);
      case AccountRecord.AliasChanged r -> aliasChanged(cells, r);
      case AccountRecord.MediaReserved r -> cells.reserveMedia(r.user(), r.media(), r.expiresTs());
      case AccountRecord.MediaStored r -> cells.storeMedia(r.user(), r.media(), r.usedBytes());
      case AccountRecord.SigningKeysChanged r ->
          r.keys().forEach((purpose, keys) -> cells.putSigningKey(r.user(), purpose, keys));
      case AccountRecord.SignaturesAdded r ->
          r.signatures().forEach(signature -> cells.putSignature(r.user(), signature));
      // No decision asks for it.
      case AccountRecord.RoomListed r -> {}
      case AccountRecord.CommandSettled r -> {
        if (r.outcome() instanceof Outcome.Failed) {
          // What was refused changed nothing, so it may be met again.
          return;
        }
      }
    }
    if (record.commandId().startsWith(CROSSING)) {
      cells.crossed(record.key()).add(record.commandId());
    }
  }

  /** Other identity keys are another client: what was given out for the former is of no concern. */
  private static void deviceKeysChanged(Cells cells, AccountRecord.DeviceKeysChanged r) {
    var known = cells.deviceKeys(r.user(), r.device());
    if (known != null && !Cells.same(known.get("keys"), r.deviceKeys().get("keys"))) {
      cells.spent(r.user(), r.device()).clear();
    }
    cells.putDeviceKeys(r.user(), r.device(), r.deviceKeys());
  }

  /**
   * The items themselves come by {@link #applyItem}; the log remembers transactions and spent keys.
   */
  private static void itemsChanged(Cells cells, AccountRecord.ItemsChanged r) {
    if (r.dedupe() != null) {
      cells.dedupe(r.user()).add(r.dedupe());
    }
    TreeSet<String> put = new TreeSet<>(r.itemKeys());
    for (String itemKey : r.removedItemKeys()) {
      ItemKey.keyDevice(itemKey)
          .filter(device -> !put.contains(itemKey) && cells.device(r.user(), device) != null)
          .ifPresent(device -> cells.spent(r.user(), device).add(itemKey));
    }
  }

  private static void aliasChanged(Cells cells, AccountRecord.AliasChanged r) {
    if (r.room() == null || r.creator() == null) {
      cells.deleteAlias(r.alias());
    } else {
      cells.putAlias(r.alias(), new Cells.Alias(r.room(), r.creator(), r.reserved(), r.ts()));
    }
  }

  static void applyItem(State state, AccountItem item) {
    new Cells(state).putItem(item);
  }

  static void removeItem(State state, UserId user, String itemKey) {
    new Cells(state).deleteItem(user, itemKey);
  }
}
