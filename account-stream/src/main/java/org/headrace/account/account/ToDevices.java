package org.headrace.account.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.Failure;
import org.headrace.topology.machine.Output;

/** To-device messages: put when sent, taken away once the device has synced past them. */
final class ToDevices {
  private static final String ALL_DEVICES = "*";

  private final Cells cells;
  private final Decision decision;

  ToDevices(Cells cells, Decision decision) {
    this.cells = cells;
    this.decision = decision;
  }

  /** Devices that do not exist get nothing; nor do those whose queue is full. */
  List<Output> send(AccountCommand.SendToDevice c) {
    UserId user = c.user();
    if (cells.dedupe(user).contains(c.dedupe())) {
      return decision.done();
    }
    for (ObjectNode content : c.messages().values()) {
      if (LogJson.encode(content).length > Limits.TO_DEVICE_BYTES_MAX) {
        return decision.fail(Failure.TOO_LARGE, "a to-device message is too large");
      }
    }
    TreeMap<DeviceId, ObjectNode> messages = new TreeMap<>();
    ObjectNode toAll = c.messages().get(ALL_DEVICES);
    for (DeviceId device : cells.devices(user)) {
      ObjectNode content = c.messages().getOrDefault(device.value(), toAll);
      if (content != null) {
        messages.put(device, content);
      }
    }
    boolean known = !messages.isEmpty();
    messages.keySet().removeIf(device -> cells.toDeviceCount(user, device) >= Limits.TO_DEVICE_MAX);
    if (known && messages.isEmpty()) {
      return decision.fail(Failure.LIMIT_EXCEEDED, "too many messages wait for this device");
    }
    for (var message : messages.entrySet()) {
      decision.put(
          new AccountItem.ToDevice(
              decision.nextItem(),
              user,
              message.getKey(),
              c.sender(),
              c.type(),
              message.getValue()));
    }
    decision.recordItems(user, c.dedupe());
    return decision.done();
  }

  List<Output> acknowledge(AccountCommand.AcknowledgeToDevice c) {
    if (c.upTo().equals(Position.NONE)) {
      return decision.done();
    }
    // Keys of one device sort by position.
    String upTo =
        new AccountItem.ToDevice(c.upTo(), c.user(), c.device(), c.user(), "", Json.object())
            .itemKey();
    List<String> waiting = cells.toDevice(c.user(), c.device(), Limits.ITEMS_PER_STEP_MAX + 1);
    List<String> seen = waiting.stream().filter(key -> key.compareTo(upTo) <= 0).toList();
    Position origin = decision.next();
    for (String itemKey : seen.subList(0, Math.min(seen.size(), Limits.ITEMS_PER_STEP_MAX))) {
      decision.remove(c.user(), itemKey);
    }
    decision.recordItems(c.user(), null);
    if (seen.size() > Limits.ITEMS_PER_STEP_MAX) {
      String id = Decision.crossingId(c.key(), origin, "acknowledge_to_device");
      decision.sendToSelf(
          new AccountCommand.AcknowledgeToDevice(id, c.ts(), c.user(), c.device(), c.upTo()));
    }
    return decision.done();
  }
}
