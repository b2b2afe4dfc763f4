package org.headrace.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;
import java.util.TreeMap;
import org.headrace.account.account.AccountTopology;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.api.Test;

/** What comes and goes in an account leaves nothing behind, in the store or in its changelog. */
class ChurnSimTest {
  private static final UserId ALICE = new UserId("@alice:one.example");
  private static final DeviceId PHONE = new DeviceId("PHONE");
  private static final int ROUNDS_UNTIL_FULL = 1_200;
  private static final int ROUNDS = 4_000;
  private static final int COMMANDS_PER_COMMIT = 10;
  private static final long KEPT_MILLIS = 20_000;
  private static final double SLACK = 1.05;

  private final FakeLog log = new FakeLog(new Partitions(1, 1));
  private final Task<?, ?> task =
      new Task<>(AccountTopology.definition(), 0, log, Faults.none(), new Random(1), KEPT_MILLIS);
  private long now = 1_700_000_000_000L;
  private int ids;

  @Test
  void keysGivenOutAndMessagesReceivedLeaveTheStore() {
    run(
        new AccountCommand.Register(
            id(),
            now,
            ALICE,
            "hash",
            false,
            new AccountCommand.Session(PHONE, "token", null),
            new TreeMap<>()));
    for (int i = 0; i < ROUNDS_UNTIL_FULL; i++) {
      round();
    }
    long rows = task.rows();
    long compacted = task.compactedChangelog();
    for (int i = 0; i < ROUNDS; i++) {
      round();
    }
    assertThat(task.rows()).isLessThan((long) (rows * SLACK));
    assertThat(task.compactedChangelog()).isLessThan((long) (compacted * SLACK));
  }

  private void round() {
    var keys = new TreeMap<String, JsonNode>();
    keys.put("signed_curve25519:K" + ids, Json.object().put("key", "k" + ids));
    run(new AccountCommand.UploadKeys(id(), now, ALICE, PHONE, null, keys, new TreeMap<>()));
    var devices = new TreeMap<String, String>();
    devices.put(PHONE.value(), "signed_curve25519");
    run(new AccountCommand.ClaimKeys(id(), now, ALICE, devices));
    var messages = new TreeMap<String, ObjectNode>();
    messages.put(PHONE.value(), Json.object().put("n", ids));
    run(
        new AccountCommand.SendToDevice(
            id(), now, ALICE, ALICE, "m.test", messages, "dedupe" + ids));
    int reached = log.of(Topic.ACCOUNT_COMMANDS, 0).size() - 1;
    run(
        new AccountCommand.AcknowledgeToDevice(
            id(), now, ALICE, PHONE, Position.of(0, reached, Position.ORDINALS_MAX - 1)));
  }

  private String id() {
    return "c" + ids++;
  }

  private void run(AccountCommand command) {
    now += 100;
    log.publish(Topic.ACCOUNT_COMMANDS, command.key(), LogJson.encode(command), now);
    task.process();
    if (ids % COMMANDS_PER_COMMIT == 0) {
      task.commit();
    }
  }
}
