package org.headrace.schema.record;

import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * A step of a user's device list as others see it. Each names the one before, so that who missed
 * one can tell (server-server API, "Device Management").
 *
 * @param position of its record on {@code account.log}: the list's {@code stream_id} from here on
 * @param device whose keys or name changed, or that is gone; null: the cross-signing keys changed
 * @param previous the step before; null: this is the first
 */
public record DeviceListChange(
    Position position, @Nullable DeviceId device, @Nullable Position previous) {
  /** Steps that a record or command lists; one of before there were any lists none. */
  public static List<DeviceListChange> listed(@Nullable List<DeviceListChange> changes) {
    return changes == null ? List.of() : List.copyOf(changes);
  }
}
