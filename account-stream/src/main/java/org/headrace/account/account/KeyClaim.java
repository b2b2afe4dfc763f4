package org.headrace.account.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.AccountItem;
import org.headrace.topology.machine.Output;

/**
 * POST /keys/claim for one user. One-time keys go out in the order of their upload and once (spec,
 * "One-time and fallback keys"); when none is left, the fallback key goes out as often as it is
 * asked for. Devices without a key are left out of the result.
 */
final class KeyClaim {
  private final Cells cells;
  private final Decision decision;
  private final AccountCommand.ClaimKeys claim;
  private final UserId user;

  KeyClaim(Cells cells, Decision decision, AccountCommand.ClaimKeys claim) {
    this.cells = cells;
    this.decision = decision;
    this.claim = claim;
    this.user = claim.user();
  }

  List<Output> decide() {
    ObjectNode devices = Json.object();
    for (DeviceId device : cells.devices(user)) {
      String algorithm = claim.devices().get(device.value());
      if (algorithm != null) {
        claim(device, algorithm)
            .ifPresent(key -> devices.putObject(device.value()).set(key.keyId(), key.keyObject()));
      }
    }
    ObjectNode result = Json.object();
    result.set("devices", devices);
    decision.result(result);
    return decision.done();
  }

  private Optional<AccountItem.OneTimeKey> claim(DeviceId device, String algorithm) {
    List<AccountItem.OneTimeKey> keys = cells.oneTimeKeys(user, device, algorithm);
    Cells.KeyCounts counts = cells.keyCounts(user, device);
    Optional<AccountItem.OneTimeKey> oldest =
        keys.stream()
            .filter(key -> !key.fallback())
            .min(Comparator.comparing(AccountItem.OneTimeKey::position));
    if (oldest.isPresent()) {
      decision.remove(user, oldest.get().itemKey());
      decision.recordItems(user, null);
      var now = new TreeMap<>(counts.oneTimeKeys());
      now.merge(algorithm, -1, Integer::sum);
      KeyUpload.recordCounts(decision, user, device, now, counts.unusedFallbackTypes());
      return oldest;
    }
    Optional<AccountItem.OneTimeKey> fallback =
        keys.stream().filter(AccountItem.OneTimeKey::fallback).findFirst();
    if (fallback.isPresent() && counts.unusedFallbackTypes().contains(algorithm)) {
      List<String> unused = new ArrayList<>(counts.unusedFallbackTypes());
      unused.remove(algorithm);
      KeyUpload.recordCounts(
          decision, user, device, new TreeMap<>(counts.oneTimeKeys()), List.copyOf(unused));
    }
    return fallback;
  }
}
