package org.headrace.sender.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.federation.DestinationStatus;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.DeviceListChange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueuesTest {
  private static final QueueKey QUEUE =
      new QueueKey(new ServerName("a.example"), new ServerName("b.example"));
  private static final QueueKey OTHER =
      new QueueKey(new ServerName("a.example"), new ServerName("b.example.org"));

  private static final UserId ALICE = new UserId("@alice:a.example");
  private static final UserId BOB = new UserId("@bob:a.example");

  @TempDir Path folder;
  private KeyValueStore<Bytes, byte[]> store;
  private Queues queues;

  @BeforeEach
  void openStore() {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "queues-test");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    var context = new MockProcessorContext<Void, Void>(config, new TaskId(0, 0), folder.toFile());
    store =
        Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(QueueProcessor.STORE),
                Serdes.Bytes(),
                Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    queues = new Queues(store);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void givesWhatWasQueuedInOrderAndForEachDestinationItsOwn() {
    queues.add(QUEUE, pdu(5, "r1"));
    queues.add(OTHER, pdu(6, "r1"));
    queues.add(QUEUE, edu(7, null));
    assertThat(offsets(QUEUE, -1)).containsExactly(5L, 7L);
    assertThat(offsets(OTHER, -1)).containsExactly(6L);
    assertThat(offsets(QUEUE, 5)).containsExactly(7L);
    assertThat(queues.waiting()).containsExactlyInAnyOrder(QUEUE, OTHER);
  }

  @Test
  void fillsATransactionToTheSpecificationsLimits() {
    IntStream.range(0, 60).forEach(i -> queues.add(QUEUE, pdu(i, "r1")));
    assertThat(Queues.next(store, QUEUE, -1)).hasSize(QueueLimits.TRANSACTION_PDUS_MAX);
    IntStream.range(0, 150).forEach(i -> queues.add(OTHER, edu(i, null)));
    assertThat(Queues.next(store, OTHER, -1)).hasSize(QueueLimits.TRANSACTION_EDUS_MAX);
    assertThat(offsets(OTHER, 99)).hasSize(50);
  }

  @Test
  void whatWasSentIsGoneAndDoesNotComeBack() {
    queues.add(QUEUE, pdu(1, "r1"));
    queues.add(QUEUE, pdu(2, "r1"));
    queues.acknowledge(QUEUE, DestinationStatus.NEW.sent(1));
    assertThat(offsets(QUEUE, -1)).containsExactly(2L);
    queues.add(QUEUE, pdu(1, "r1"));
    queues.acknowledge(QUEUE, DestinationStatus.NEW.sent(2));
    queues.add(QUEUE, pdu(2, "r1"));
    assertThat(offsets(QUEUE, -1)).isEmpty();
    assertThat(queues.waiting()).isEmpty();
  }

  @Test
  void aFailureKeepsWhatWaits() {
    queues.add(QUEUE, pdu(1, "r1"));
    queues.acknowledge(QUEUE, DestinationStatus.NEW.failed(10, 20, "no route"));
    assertThat(offsets(QUEUE, -1)).containsExactly(1L);
    assertThat(Queues.status(store, QUEUE).failures()).isEqualTo(1);
    assertThat(Queues.status(store, QUEUE).failingSinceTs()).isEqualTo(10);
  }

  @Test
  void aNewerEduTakesTheOldersPlaceAtTheEnd() {
    queues.add(QUEUE, edu(1, "typing"));
    queues.add(QUEUE, pdu(2, "r1"));
    queues.add(QUEUE, edu(3, "typing"));
    queues.add(QUEUE, edu(4, "receipt"));
    assertThat(offsets(QUEUE, -1)).containsExactly(2L, 3L, 4L);
    queues.acknowledge(QUEUE, DestinationStatus.NEW.sent(3));
    queues.add(QUEUE, edu(5, "typing"));
    assertThat(offsets(QUEUE, 3)).containsExactly(4L, 5L);
  }

  @Test
  void farBehindOnlyTheLatestOfEachRoomIsKept() {
    int count = QueueLimits.PDUS_MAX;
    IntStream.range(0, count).forEach(i -> queues.add(QUEUE, pdu(i, "r" + i % 3)));
    assertThat(allOffsets()).hasSize(count);
    queues.add(QUEUE, pdu(count, "r0"));
    // Of r1 and r2 the last ones, of r0 the new one.
    assertThat(allOffsets())
        .hasSize(3)
        .contains((long) count)
        .allSatisfy(offset -> assertThat(offset).isGreaterThan(count - 4L));
    queues.add(QUEUE, pdu(count + 1, "r0"));
    assertThat(allOffsets()).hasSize(3).contains((long) count + 1);
    // Caught up: everything is kept again.
    queues.acknowledge(QUEUE, DestinationStatus.NEW.sent(count + 1));
    queues.add(QUEUE, pdu(count + 2, "r0"));
    queues.add(QUEUE, pdu(count + 3, "r0"));
    assertThat(allOffsets()).hasSize(2);
  }

  @Test
  void ephemeralMessagesThatNobodyFetchesAreBounded() {
    IntStream.rangeClosed(0, QueueLimits.EDUS_MAX).forEach(i -> queues.add(QUEUE, edu(i, null)));
    assertThat(offsets(QUEUE, -1).getFirst()).isEqualTo(1);
  }

  @Test
  void aStepOfADeviceListThatSeveralRoomsTellOfIsQueuedOnceAlsoWhenItWasSent() {
    queues.add(QUEUE, step(1, ALICE, 10));
    queues.add(QUEUE, step(2, ALICE, 10));
    assertThat(offsets(QUEUE, -1)).containsExactly(1L);
    queues.acknowledge(QUEUE, DestinationStatus.NEW.sent(1));
    queues.add(QUEUE, step(3, ALICE, 10));
    assertThat(offsets(QUEUE, -1)).isEmpty();
    assertThat(queues.waiting()).isEmpty();
  }

  @Test
  void aLaterStepOfADeviceTakesThePlaceOfTheEarlier() {
    queues.add(QUEUE, step(1, ALICE, 10));
    queues.add(QUEUE, step(2, BOB, 5));
    queues.add(QUEUE, step(3, ALICE, "LAPTOP", 20));
    queues.add(QUEUE, step(4, ALICE, null, 30));
    queues.add(OTHER, step(5, ALICE, 20));
    assertThat(offsets(QUEUE, -1)).containsExactly(1L, 2L, 3L, 4L);
    // Step 20 names 10, which the destination will not know: it fetches the list.
    queues.add(QUEUE, step(6, ALICE, 40));
    assertThat(offsets(QUEUE, -1)).containsExactly(2L, 3L, 4L, 6L);
    queues.add(QUEUE, step(7, ALICE, null, 50));
    assertThat(offsets(QUEUE, -1)).containsExactly(2L, 3L, 6L, 7L);
    assertThat(offsets(OTHER, -1)).containsExactly(5L);
  }

  @Test
  void devicesWhoseIdsLookAlikeHavePlacesOfTheirOwn() {
    queues.add(QUEUE, step(1, ALICE, "a|b", 10));
    queues.add(QUEUE, step(2, ALICE, "a%7Cb", 20));
    queues.add(QUEUE, step(3, ALICE, "signing", 30));
    queues.add(QUEUE, step(4, ALICE, null, 40));
    assertThat(offsets(QUEUE, -1)).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void aStepOfADeviceListThatComesAfterALaterOneIsMissedAndCanBeSeenToBe() {
    queues.add(QUEUE, step(1, ALICE, 20));
    queues.add(QUEUE, step(2, ALICE, 10));
    // Step 20 names 10, which the destination does not know: it fetches the list.
    assertThat(offsets(QUEUE, -1)).containsExactly(1L);
  }

  @Test
  void stepsOfADeviceListAreBoundedAsAllThatNobodyFetchesIs() {
    IntStream.rangeClosed(0, QueueLimits.EDUS_MAX)
        .forEach(i -> queues.add(QUEUE, step(i, ALICE, "D" + i, i)));
    assertThat(offsets(QUEUE, -1).getFirst()).isEqualTo(1);
  }

  @Test
  void messagesToDevicesStayWhileAnythingIsLeftThatIsToldAnew() {
    queues.add(QUEUE, pdu(0, "r1"));
    queues.add(QUEUE, message(1));
    IntStream.range(2, QueueLimits.EDUS_MAX)
        .forEach(i -> queues.add(QUEUE, step(i, ALICE, "D" + i, i)));
    queues.add(QUEUE, edu(QueueLimits.EDUS_MAX, "receipt"));
    assertThat(offsets(QUEUE, -1)).startsWith(0L, 1L, 2L, 3L);
    queues.add(QUEUE, message(QueueLimits.EDUS_MAX + 1));
    assertThat(offsets(QUEUE, -1)).startsWith(0L, 1L, 3L, 4L);
    // The oldest go first.
    queues.add(QUEUE, edu(QueueLimits.EDUS_MAX + 2, null));
    assertThat(offsets(QUEUE, -1)).startsWith(0L, 1L, 4L, 5L);
  }

  @Test
  void whereOnlyMessagesToDevicesAreLeftTheOldestGo() {
    IntStream.range(0, QueueLimits.EDUS_MAX).forEach(i -> queues.add(QUEUE, message(i)));
    queues.add(QUEUE, edu(QueueLimits.EDUS_MAX, "typing"));
    assertThat(offsets(QUEUE, -1).getFirst()).isZero();
    assertThat(offsets(QUEUE, QueueLimits.EDUS_MAX - 1)).isEmpty();
    queues.add(QUEUE, message(QueueLimits.EDUS_MAX + 1));
    assertThat(offsets(QUEUE, -1).getFirst()).isEqualTo(1);
    queues.add(QUEUE, edu(QueueLimits.EDUS_MAX + 2, "typing"));
    assertThat(offsets(QUEUE, -1).getFirst()).as("the place of one dropped").isEqualTo(1);
  }

  @Test
  void nothingIsLeftOfWhatWasSentButHowFarThatWent() {
    queues.add(QUEUE, pdu(1, "r1"));
    queues.add(QUEUE, edu(2, "typing"));
    queues.add(QUEUE, edu(3, "typing"));
    queues.add(QUEUE, message(4));
    queues.add(QUEUE, step(5, ALICE, 10));
    queues.add(QUEUE, step(6, ALICE, 20));
    queues.acknowledge(QUEUE, DestinationStatus.NEW.sent(6));
    List<Character> tables = new ArrayList<>();
    try (var rows = store.all()) {
      rows.forEachRemaining(row -> tables.add((char) row.key.get()[0]));
    }
    assertThat(tables).containsExactlyInAnyOrder(QueueRows.STATUS, QueueRows.DEVICE_LIST);
  }

  private List<Long> offsets(QueueKey queue, long after) {
    return Queues.next(store, queue, after).stream().map(QueuedEntry::offset).toList();
  }

  private List<Long> allOffsets() {
    List<Long> all = new ArrayList<>();
    for (long after = -1; ; after = all.getLast()) {
      List<Long> next = offsets(QUEUE, after);
      if (next.isEmpty()) {
        return all;
      }
      all.addAll(next);
    }
  }

  private static QueuedEntry pdu(long offset, String room) {
    return new QueuedEntry(
        offset,
        1000 + offset,
        new QueueRecord.Pdu(
            new RoomId("!" + room + ":a.example"),
            new EventId("$e" + offset),
            Position.ofOffset(offset)));
  }

  private static QueuedEntry step(long offset, UserId user, long position) {
    return step(offset, user, "PHONE", position);
  }

  private static QueuedEntry step(
      long offset, UserId user, @Nullable String device, long position) {
    return new QueuedEntry(
        offset,
        1000 + offset,
        new QueueRecord.DeviceList(
            user,
            new DeviceListChange(
                Position.ofOffset(position),
                device == null ? null : new DeviceId(device),
                Position.ofOffset(0))));
  }

  private static QueuedEntry message(long offset) {
    return new QueuedEntry(
        offset, 1000 + offset, new QueueRecord.Edu("m.direct_to_device", Json.object(), null));
  }

  private static QueuedEntry edu(long offset, String replaces) {
    return new QueuedEntry(
        offset, 1000 + offset, new QueueRecord.Edu("m.test", Json.object(), replaces));
  }
}
