package org.headrace.account.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.KeyPurpose;
import org.headrace.schema.record.KeySignature;
import org.headrace.topology.machine.Output;

/**
 * A user's cross-signing keys and what they have signed (client-server API, "Cross-signing"). Those
 * who share a room with the user learn of both as of changed devices.
 */
final class CrossSigning {
  private final Cells cells;
  private final Decision decision;

  CrossSigning(Cells cells, Decision decision) {
    this.cells = cells;
    this.decision = decision;
  }

  List<Output> keys(AccountCommand.UploadSigningKeys c) {
    UserId user = c.user();
    if (cells.account(user) == null) {
      return decision.fail(Failure.NOT_FOUND, "no such account");
    }
    SortedMap<String, ObjectNode> changed = new TreeMap<>();
    for (Map.Entry<String, ObjectNode> key : c.keys().entrySet()) {
      if (LogJson.encode(key.getValue()).length > Limits.SIGNING_KEY_BYTES_MAX) {
        return decision.fail(Failure.TOO_LARGE, "the " + key.getKey() + " key is too large");
      }
      if (!Cells.same(key.getValue(), cells.signingKey(user, key.getKey()))) {
        changed.put(key.getKey(), key.getValue());
      }
    }
    if (changed.isEmpty()) {
      return decision.done();
    }
    if (cells.signingKey(user, KeyPurpose.MASTER) != null && !c.mayReplace()) {
      return decision.fail(Failure.FORBIDDEN, "other keys are there already: authenticate first");
    }
    decision.record(
        (position, last) ->
            new AccountRecord.SigningKeysChanged(position, c.key(), c.id(), last, user, changed));
    DeviceLists list = new DeviceLists(cells, decision, user);
    list.signingKeysChanged();
    list.tell(c.ts());
    return decision.done();
  }

  List<Output> signatures(AccountCommand.UploadSignatures c) {
    UserId user = c.user();
    if (cells.account(user) == null) {
      return decision.fail(Failure.NOT_FOUND, "no such account");
    }
    if (c.signatures().size() > Limits.SIGNATURES_PER_COMMAND_MAX) {
      return decision.fail(Failure.TOO_LARGE, "too many signatures at once");
    }
    List<KeySignature> added = new ArrayList<>();
    for (KeySignature signature : c.signatures()) {
      if (!cells.hasSignature(user, signature)) {
        added.add(signature);
      }
    }
    if (added.isEmpty()) {
      return decision.done();
    }
    if (cells.signatures(user) + added.size() > Limits.SIGNATURES_MAX) {
      return decision.fail(Failure.LIMIT_EXCEEDED, "your keys have signed too many others");
    }
    decision.record(
        (position, last) ->
            new AccountRecord.SignaturesAdded(
                position, c.key(), c.id(), last, user, List.copyOf(added)));
    // What is signed of other users concerns the signer alone.
    Set<String> own =
        added.stream()
            .filter(signature -> signature.target().equals(user))
            .map(KeySignature::keyId)
            .collect(Collectors.toCollection(TreeSet::new));
    tellOfSigned(user, own, c.ts());
    return decision.done();
  }

  /** {@code keyIds}: what the user's own keys that are signed are found by. */
  private void tellOfSigned(UserId user, Set<String> keyIds, long ts) {
    DeviceLists list = new DeviceLists(cells, decision, user);
    int devices = 0;
    for (DeviceId device : cells.devices(user)) {
      if (keyIds.contains(device.value()) && cells.deviceKeys(user, device) != null) {
        list.changed(device);
        devices++;
      }
    }
    if (devices < keyIds.size()) {
      list.signingKeysChanged();
    }
    list.tell(ts);
  }
}
