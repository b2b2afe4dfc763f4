package org.headrace.sender.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.crypto.SignedKeys;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.projections.fold.AccountFold;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.KeySignature;
import org.headrace.sender.queue.QueuedEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What device list updates say, made of the real views. */
class ViewsAssemblyTest {
  private static final UserId ALICE = new UserId("@alice:a.example");
  private static final String KEY = ALICE.value();
  private static final DeviceId PHONE = new DeviceId("PHONE");
  private static final DeviceId LAPTOP = new DeviceId("LAPTOP");
  private static final QueueKey QUEUE = new QueueKey(ALICE.server(), new ServerName("b.example"));

  private final Partitions partitions = new Partitions(1, 1);
  @TempDir Path folder;
  private RocksViews views;
  private Assembly assembly;

  @BeforeEach
  void openViews() {
    views = RocksViews.open(folder);
    assembly =
        new ViewsAssembly(
            partitions,
            views.rooms(),
            views.timeline(),
            views.accounts(),
            new LocalSignatures(new NoKeys()));
  }

  @AfterEach
  void closeViews() {
    views.close();
  }

  @Test
  void aStepNamesItsDeviceItsPlaceAndTheStepBefore() throws Exception {
    ObjectNode phone = keys(PHONE);
    fold(session(1, PHONE, "My phone"), uploaded(2, PHONE, phone.deepCopy().put("unsigned", 1)));
    JsonNode first = sent(step(2, PHONE, null));
    assertThat(first.path("edu_type").asText()).isEqualTo("m.device_list_update");
    JsonNode content = first.path("content");
    assertThat(content.path("user_id").asText()).isEqualTo(ALICE.value());
    assertThat(content.path("device_id").asText()).isEqualTo("PHONE");
    assertThat(content.path("stream_id").asLong()).isEqualTo(at(2).packed());
    assertThat(content.path("prev_id")).isEqualTo(Json.object().putArray("x"));
    assertThat(content.path("device_display_name").asText()).isEqualTo("My phone");
    assertThat(content.path("keys")).isEqualTo(phone);
    assertThat(content.has("deleted")).isFalse();

    fold(new AccountRecord.DeviceRenamed(at(3), KEY, "c", true, ALICE, PHONE, "Other"));
    JsonNode second = sent(step(3, PHONE, at(2))).path("content");
    assertThat(second.path("stream_id").asLong()).isEqualTo(at(3).packed());
    assertThat(second.path("prev_id")).isEqualTo(Json.object().putArray("x").add(at(2).packed()));
    assertThat(second.path("device_display_name").asText()).isEqualTo("Other");
  }

  @Test
  void theKeysHaveTheSignaturesThatTheUsersKeysMade() throws Exception {
    ObjectNode phone = keys(PHONE);
    String hash = SignedKeys.hash(phone).orElseThrow();
    fold(
        uploaded(2, PHONE, phone),
        new AccountRecord.SignaturesAdded(
            at(3),
            KEY,
            "c",
            true,
            ALICE,
            List.of(new KeySignature(ALICE, "PHONE", hash, "ed25519:self", "c2ln"))));
    assertThat(
            sent(step(3, PHONE, at(2)))
                .at("/content/keys/signatures/@alice:a.example/ed25519:self")
                .asText())
        .isEqualTo("c2ln");
  }

  @Test
  void aDeviceThatIsGoneIsDeletedAlsoInAnEarlierStep() throws Exception {
    fold(
        session(1, PHONE, "My phone"),
        uploaded(2, PHONE, keys(PHONE)),
        uploaded(3, LAPTOP, keys(LAPTOP)),
        new AccountRecord.DevicesDeleted(at(4), KEY, "c", true, ALICE, List.of(PHONE)));
    for (QueueRecord step : List.of(step(2, PHONE, null), step(4, PHONE, at(3)))) {
      JsonNode content = sent(step).path("content");
      assertThat(content.path("device_id").asText()).isEqualTo("PHONE");
      assertThat(content.path("deleted").asBoolean()).isTrue();
      assertThat(content.has("keys")).isFalse();
      assertThat(content.has("device_display_name")).isFalse();
    }
    assertThat(sent(step(3, LAPTOP, at(2))).at("/content/deleted").asBoolean()).isFalse();
  }

  @Test
  void aStepIsNotSentBeforeTheViewsHaveIt() {
    fold(uploaded(2, PHONE, keys(PHONE)));
    assertThatThrownBy(() -> sent(step(3, PHONE, at(2))))
        .isInstanceOf(Assembly.ViewsBehindException.class);
  }

  @Test
  void aStepOfTheCrossSigningKeysTellsThoseThatOthersMaySee() throws Exception {
    TreeMap<String, ObjectNode> keys = new TreeMap<>();
    keys.put("master", Json.object().put("k", "m"));
    keys.put("self_signing", Json.object().put("k", "s"));
    keys.put("user_signing", Json.object().put("k", "u"));
    fold(new AccountRecord.SigningKeysChanged(at(2), KEY, "c", true, ALICE, keys));
    JsonNode edu = sent(step(2, null, null));
    assertThat(edu.path("edu_type").asText()).isEqualTo("m.signing_key_update");
    assertThat(edu.at("/content/user_id").asText()).isEqualTo(ALICE.value());
    assertThat(edu.at("/content/master_key/k").asText()).isEqualTo("m");
    assertThat(edu.at("/content/self_signing_key/k").asText()).isEqualTo("s");
    assertThat(edu.toString()).doesNotContain("user_signing");
  }

  @Test
  void whereNoStepIsKnownTheListIsToBeFetched() throws Exception {
    fold(
        uploaded(2, PHONE, keys(PHONE)),
        new AccountRecord.DeviceListChanged(at(3), KEY, "c", true, ALICE, PHONE, at(2)));
    // As it was queued by earlier versions.
    ObjectNode named = Json.object().put("user_id", ALICE.value()).put("stream_id", 77);
    QueueRecord queued = new QueueRecord.Edu("m.device_list_update", named, "devices|" + ALICE);
    JsonNode content = sent(queued).path("content");
    assertThat(content.path("stream_id").asLong()).isEqualTo(at(3).packed());
    assertThat(content.path("device_id").asText()).isEqualTo("PHONE");
    assertThat(content.path("prev_id")).isEmpty();
    assertThat(content.has("keys")).isFalse();
  }

  private JsonNode sent(QueueRecord record) throws InterruptedException {
    Optional<Transaction> transaction =
        assembly.assemble(QUEUE, List.of(new QueuedEntry(1, 1000, record)));
    JsonNode edus = transaction.orElseThrow().body().path("edus");
    assertThat(edus).hasSize(1);
    return edus.get(0);
  }

  private static QueueRecord step(long offset, DeviceId device, Position previous) {
    return new QueueRecord.DeviceList(ALICE, new DeviceListChange(at(offset), device, previous));
  }

  private void fold(AccountRecord... records) {
    for (AccountRecord record : records) {
      ViewBatch batch = new ViewBatch();
      batch.addAll(record.position(), AccountFold.fold(record));
      batch.reach(Topic.ACCOUNT_LOG, 0, new Checkpoint(record.position(), 0, 0));
      views.write(batch);
    }
  }

  private static AccountRecord session(long offset, DeviceId device, String name) {
    return new AccountRecord.SessionCreated(
        at(offset), KEY, "c", true, ALICE, device, "t" + device, name, 1);
  }

  private static AccountRecord uploaded(long offset, DeviceId device, ObjectNode keys) {
    return new AccountRecord.DeviceKeysChanged(at(offset), KEY, "c", true, ALICE, device, keys);
  }

  private static ObjectNode keys(DeviceId device) {
    ObjectNode keys = Json.object().put("user_id", KEY).put("device_id", device.value());
    keys.putObject("keys").put("ed25519:" + device, "k" + device);
    return keys;
  }

  private static Position at(long offset) {
    return Position.ofOffset(offset);
  }

  /** EDUs are not signed. */
  private static final class NoKeys implements TenantKeys {
    @Override
    public boolean isHosted(ServerName name) {
      return false;
    }

    @Override
    public SigningKey current(ServerName tenant) {
      throw new IllegalArgumentException(tenant + " is not hosted");
    }

    @Override
    public List<OldKey> old(ServerName tenant) {
      return List.of();
    }
  }
}
