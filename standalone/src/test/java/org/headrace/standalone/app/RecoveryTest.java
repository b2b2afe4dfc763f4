package org.headrace.standalone.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.trace.Traces;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.headrace.topology.store.ChangelogTail;
import org.headrace.topology.store.ChangelogTail.Begun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** What recovery finds and does, with the real broker and real stores. */
class RecoveryTest {
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final UserId ALICE = new UserId("@alice:one.example");
  private static final DeviceId PHONE = new DeviceId("PHONE");
  private static final List<String> CHANGELOGS =
      List.of("stateres-stream-state-changelog", "account-stream-state-changelog");

  @TempDir Path data;
  private int ids;

  @Test
  void findsNothingAfterACleanStop() throws Exception {
    start(log -> assertThat(register(log)).isInstanceOf(Outcome.Done.class));
    assertThat(start(log -> assertThat(register(log)).isInstanceOf(Outcome.Failed.class)))
        .isEmpty();
  }

  @Test
  void rebuildsFromTheLogWhatNoStoreCanTell() throws Exception {
    start(
        log -> {
          register(log);
          log.submit(upload("A"), WAIT);
          log.submit(upload("B"), WAIT);
          assertThat(claimed(log)).isEqualTo("A");
        });
    try (EmbeddedBroker broker = EmbeddedBroker.start(data)) {
      poison(broker.access().clientConfig());
    }
    List<String> found =
        start(
            log -> {
              var refused = (Outcome.Failed) register(log);
              assertThat(refused.failure()).isEqualTo(Failure.USER_IN_USE);
              // What was given out is gone, what was not is there.
              assertThat(claimed(log)).isEqualTo("B");
            });
    assertThat(found).hasSize(2 * CHANGELOGS.size()).allMatch(line -> line.contains("rebuilt"));
    assertThat(start(log -> assertThat(register(log)).isInstanceOf(Outcome.Failed.class)))
        .isEmpty();
  }

  @Test
  void restoresALocalStoreThatIsAheadOfAllTopics() throws Exception {
    start(this::register);
    for (int p = 0; p < 2; p++) {
      writeAhead(data.resolve("streams/account-stream/0_" + p + "/rocksdb/state"));
    }
    List<String> found = start(log -> assertThat(register(log)).isInstanceOf(Outcome.Failed.class));
    assertThat(found).hasSize(2).allMatch(line -> line.contains("ahead"));
    assertThat(start(log -> {})).isEmpty();
  }

  /** Something to do while all parts run. */
  private interface Use {
    void accept(CommandLog log);
  }

  private List<String> start(Use use) throws Exception {
    List<String> found = new ArrayList<>();
    List<String> alarms = new ArrayList<>();
    try (Pipeline pipeline =
        Pipeline.start(
            EmbeddedBroker.start(data),
            data,
            true,
            Traces.OFF,
            found::add,
            alarms::add,
            alarms::add)) {
      use.accept(pipeline.commandLog());
    }
    assertThat(alarms).isEmpty();
    return found;
  }

  private Outcome register(CommandLog log) {
    return log.submit(
        new AccountCommand.Register(
            "c" + ids++,
            1_700_000_000_000L,
            ALICE,
            "hash",
            false,
            new AccountCommand.Session(PHONE, "token", null),
            new TreeMap<>()),
        WAIT);
  }

  private AccountCommand upload(String key) {
    TreeMap<String, JsonNode> keys = new TreeMap<>();
    keys.put("signed_curve25519:" + key, Json.object().put("key", key));
    return new AccountCommand.UploadKeys(
        "c" + ids++, 1_700_000_000_000L, ALICE, PHONE, null, keys, new TreeMap<>());
  }

  /** The value of the one-time key that a claim gives out. */
  private String claimed(CommandLog log) {
    TreeMap<String, String> devices = new TreeMap<>();
    devices.put(PHONE.value(), "signed_curve25519");
    Outcome outcome =
        log.submit(
            new AccountCommand.ClaimKeys("c" + ids++, 1_700_000_000_000L, ALICE, devices), WAIT);
    return ((Outcome.Done) outcome).result().findPath("key").asText();
  }

  /** As if all versions that commands could need were dropped. */
  private static void poison(Map<String, Object> clientConfig) throws Exception {
    try (var producer =
        new KafkaProducer<>(clientConfig, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (String changelog : CHANGELOGS) {
        for (int p = 0; p < 2; p++) {
          producer
              .send(
                  new ProducerRecord<>(
                      changelog, p, ChangelogTail.begunKey(), ChangelogTail.encode(Begun.NOTHING)))
              .get();
        }
      }
    }
  }

  /** As if writes of commands that are lost had reached the disk. */
  private static void writeAhead(Path database) throws RocksDBException {
    List<ColumnFamilyDescriptor> families =
        List.of(
            new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
            new ColumnFamilyDescriptor("offsets".getBytes(StandardCharsets.UTF_8)));
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options = new DBOptions();
        RocksDB db = RocksDB.open(options, database.toString(), families, handles)) {
      Begun begun = new Begun(Position.ofOffset(1000), Position.NONE);
      db.put(ChangelogTail.begunKey(), ChangelogTail.encode(begun));
      handles.forEach(ColumnFamilyHandle::close);
    }
  }
}
