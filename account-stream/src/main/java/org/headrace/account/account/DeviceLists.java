package org.headrace.account.account;

import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.DeviceListChange;
import org.jspecify.annotations.Nullable;

/**
 * The steps that one command makes a user's device list go, as others see it: a record each, which
 * names the one before. Rooms are told of the newest; who misses what was before them can tell.
 */
final class DeviceLists {
  private final Cells cells;
  private final Decision decision;
  private final UserId user;
  private final List<DeviceListChange> changes = new ArrayList<>();

  DeviceLists(Cells cells, Decision decision, UserId user) {
    this.cells = cells;
    this.decision = decision;
    this.user = user;
  }

  /** Others see this device otherwise, or no more. */
  void changed(DeviceId device) {
    add(device);
  }

  void signingKeysChanged() {
    add(null);
  }

  private void add(@Nullable DeviceId device) {
    DeviceListChange before = cells.deviceList(user);
    Position previous = before == null ? null : before.position();
    changes.add(new DeviceListChange(decision.next(), device, previous));
    decision.record(
        (position, last) ->
            new AccountRecord.DeviceListChanged(
                position, decision.key(), decision.commandId(), last, user, device, previous));
  }

  /** Tells the user's rooms, if there is anything to tell. */
  void tell(long ts) {
    if (!changes.isEmpty()) {
      int first = Math.max(0, changes.size() - Limits.DEVICE_CHANGES_PER_ECHO_MAX);
      new Echoes(cells, decision).devices(user, changes.subList(first, changes.size()), ts);
    }
  }
}
