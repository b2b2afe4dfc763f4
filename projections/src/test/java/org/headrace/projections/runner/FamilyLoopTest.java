package org.headrace.projections.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.PHONE;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.bodyKey;
import static org.headrace.projections.LogFixture.create;
import static org.headrace.projections.LogFixture.id;
import static org.headrace.projections.LogFixture.json;
import static org.headrace.projections.LogFixture.member;
import static org.headrace.projections.LogFixture.message;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.tick.Tick;
import org.headrace.schema.trace.TraceContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FamilyLoopTest {
  private static final String HELLO = "{'content':{'body':'hello'}}";

  private final FakeBroker broker = new FakeBroker();
  private LoopHarness loop;

  @AfterEach
  void close() throws IOException {
    if (loop != null) {
      loop.close();
    }
  }

  private LoopHarness rooms() throws IOException {
    loop = new LoopHarness(new RoomFamily(), broker);
    return loop;
  }

  private LoopHarness accounts() throws IOException {
    loop = new LoopHarness(new AccountFamily(), broker);
    return loop;
  }

  private void sendMessage(long offset) {
    String name = "m" + offset;
    broker.log(message(ROOM, at(offset), name).record(), 0);
    broker.body(bodyKey(ROOM, id(name)), HELLO, at(offset));
  }

  @Test
  void aTickIsInTheTraceOfItsCommand() throws IOException {
    TraceContext cause = new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    sendMessage(0);
    broker.trace(Topic.ROOM_LOG, cause);
    sendMessage(1);
    rooms().deliverAll();
    assertThat(loop.tickTraces()).containsExactly(cause, null);
  }

  @Test
  void showsACommandOnceItIsWhole() throws IOException {
    broker.log(create(ROOM, at(0, 0), "create").notLast().record(), 0);
    broker.log(member(ROOM, at(0, 1), "j", ALICE, "join").record(), 0);
    rooms().deliver(Topic.ROOM_LOG, 1);
    assertThat(loop.views().rooms().room(ROOM)).isEmpty();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(Position.NONE);
    assertThat(loop.ticks()).isEmpty();

    loop.deliver(Topic.ROOM_LOG);
    assertThat(loop.views().rooms().room(ROOM)).isPresent();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0, 1));
    assertThat(loop.ticks())
        .containsExactly(new Tick.Visible(ROOM.value(), "c0", at(0, 1), List.of(ALICE)));
  }

  @Test
  void tellsHowOldACommandIsWhenItsRowsAreWritten() throws IOException {
    broker.log(create(ROOM, at(0), "create").record(), 1_000);
    rooms();
    assertThat(loop.running().delayMillis()).isEmpty();
    loop.now = 1_250;
    loop.deliverAll();
    assertThat(loop.running().delayMillis()).hasValue(250);
  }

  @Test
  void readsOfAGroupWhatItIsGiven() throws IOException {
    sendMessages(0, 2);
    loop = new LoopHarness(new RoomFamily(), broker, true);
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(Position.NONE);
    assertThat(loop.running().isCaughtUp()).isFalse();

    loop.take();
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(1));
    assertThat(loop.running().isCaughtUp()).isTrue();
    assertThat(loop.running().lags()).containsExactly(entry(0, 0L));
  }

  @Test
  void goesOnWhereAnotherOfTheGroupHasBroughtTheViews() throws IOException {
    sendMessages(0, 2);
    loop = new LoopHarness(new RoomFamily(), broker, true);
    loop.take();
    loop.deliverAll();
    loop.loseAll();
    assertThat(loop.running().lags()).isEmpty();
    sendMessages(2, 4);
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(1));

    // Another brings the same views on, then gives the partition back.
    ViewBatch others = new ViewBatch();
    others.reach(Topic.ROOM_LOG, 0, new Checkpoint(at(2), 3, broker.checksum(Topic.ROOM_LOG, 2)));
    others.reach(
        Topic.ROOM_BODIES, 0, new Checkpoint(at(2), 3, broker.checksum(Topic.ROOM_BODIES, 2)));
    loop.views().write(others);
    loop.ticks();
    loop.take();
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(3));
    assertThat(loop.ticks())
        .extracting(tick -> ((Tick.Visible) tick).position())
        .containsExactly(at(3));
  }

  @Test
  void refusesAnAssignmentThatTearsAPartitionsTopicsApart() throws IOException {
    loop = new LoopHarness(new RoomFamily(), broker, true);
    assertThatThrownBy(
            () -> loop.rebalance(List.of(new TopicPartition(Topic.ROOM_LOG.topicName(), 0))))
        .hasMessageContaining("apart");
  }

  private void sendMessages(long from, long to) {
    for (long offset = from; offset < to; offset++) {
      sendMessage(offset);
    }
  }

  @Test
  void waitsForTheBody() throws IOException {
    sendMessage(0);
    rooms().deliver(Topic.ROOM_LOG);
    assertThat(loop.views().rooms().reached(0)).isEqualTo(Position.NONE);
    assertThat(loop.views().timeline().event(ROOM, id("m0"))).isEmpty();

    loop.deliver(Topic.ROOM_BODIES);
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0));
    assertThat(loop.views().timeline().event(ROOM, id("m0")).orElseThrow().pdu().toString())
        .contains("hello");
    assertThat(loop.ticks()).hasSize(1);
  }

  @Test
  void waitsForTheBodyHoweverOldWhileThereIsMoreToRead() throws IOException {
    sendMessage(0);
    rooms().now = FamilyLoop.BESIDE_WAIT_MILLIS + 1;
    loop.deliver(Topic.ROOM_LOG);
    loop.deliver(Topic.ROOM_LOG);
    assertThat(loop.views().rooms().reached(0)).isEqualTo(Position.NONE);
    loop.deliver(Topic.ROOM_BODIES);
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0));
  }

  @Test
  void goesOnWithoutABodyThatIsGone() throws IOException {
    broker.log(message(ROOM, at(0), "m").record(), 1000);
    rooms().now = 1000 + FamilyLoop.BESIDE_WAIT_MILLIS - 1;
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(Position.NONE);

    loop.now++;
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0));
  }

  @Test
  void aTombstoneIsAnArrivalToo() throws IOException {
    sendMessage(0);
    broker.body(bodyKey(ROOM, id("m0")), null, at(1));
    rooms().deliver(Topic.ROOM_BODIES);
    loop.deliver(Topic.ROOM_LOG);
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0));
  }

  @Test
  void knowsAfterARestartWhatHadCome() throws IOException {
    sendMessage(0);
    broker.body(bodyKey(ROOM, id("m0")), null, at(1));
    rooms().deliver(Topic.ROOM_BODIES);
    loop.start();
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0));
  }

  @Test
  void readsNoFurtherAheadThanItCanHold() throws IOException {
    int commands = 5_000;
    for (int i = 0; i < commands; i++) {
      broker.log(message(ROOM, at(i), "m" + i).record(), 0);
    }
    rooms();
    for (int read = 0; read < commands; read += 500) {
      loop.deliver(Topic.ROOM_LOG, 500);
    }
    assertThat(loop.consumed(Topic.ROOM_LOG)).isLessThan(commands);
    for (int i = 0; i < commands; i++) {
      broker.body(bodyKey(ROOM, id("m" + i)), HELLO, at(i));
    }
    loop.deliverAll();
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(commands - 1));
  }

  @Test
  void keepsTheOrderOfCommandsBehindOneThatWaits() throws IOException {
    broker.log(message(ROOM, at(0), "m").record(), 0);
    broker.log(member(ROOM, at(1), "j", ALICE, "join").record(), 0);
    rooms().deliver(Topic.ROOM_LOG);
    assertThat(loop.views().rooms().membership(ROOM, ALICE)).isEmpty();
    broker.body(bodyKey(ROOM, id("m")), HELLO, at(0));
    loop.deliver(Topic.ROOM_BODIES);
    assertThat(loop.ticks())
        .extracting(tick -> ((Tick.Visible) tick).position())
        .containsExactly(at(0), at(1));
  }

  @Test
  void dropsRepeats() throws IOException {
    sendMessage(0);
    sendMessage(1);
    sendMessage(0);
    sendMessage(1);
    sendMessage(2);
    rooms().deliverAll();
    assertThat(loop.ticks())
        .extracting(tick -> ((Tick.Visible) tick).position())
        .containsExactly(at(0), at(1), at(2));
    assertThat(loop.alarms).isEmpty();
  }

  @Test
  void stopsAtAGapUntilWhatIsMissingComes() throws IOException {
    sendMessage(0);
    sendMessage(2);
    sendMessage(3);
    rooms().deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0));
    assertThat(loop.alarms).hasSize(1);
    assertThat(loop.alarms.getFirst()).contains("0/2.0", "0/1.0");

    sendMessage(1);
    sendMessage(2);
    sendMessage(3);
    loop.deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(3));
    assertThat(loop.views().timeline().newest(ROOM, -1, Long.MAX_VALUE, 10)).hasSize(4);
    assertThat(loop.alarms).hasSize(1);
  }

  @Test
  void stopsWhereTheEndOfACommandIsMissing() throws IOException {
    broker.log(create(ROOM, at(0, 0), "create").notLast().record(), 0);
    sendMessage(1);
    rooms().deliverAll();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(Position.NONE);
    assertThat(loop.alarms).hasSize(1);
  }

  @Test
  void goesOnFromItsCheckpoint() throws IOException {
    sendMessage(0);
    sendMessage(1);
    rooms().deliverAll();
    loop.ticks();
    sendMessage(2);
    loop.start();
    loop.deliverAll();
    assertThat(loop.ticks())
        .extracting(tick -> ((Tick.Visible) tick).position())
        .containsExactly(at(2));
    assertThat(loop.alarms).isEmpty();
  }

  @Test
  void seesThatATopicWasCut() throws IOException {
    sendMessage(0);
    sendMessage(1);
    rooms().deliverAll();
    broker.cut(Topic.ROOM_LOG, 1);
    assertThatThrownBy(loop::start)
        .isInstanceOf(TopicWasCutException.class)
        .hasMessageContaining("room.log-0 ends at 1, the views were at 2");
  }

  @Test
  void buildsAnewWhatWasMadeOfRecordsThatAreNoMore() throws Exception {
    sendMessage(0);
    sendMessage(1);
    rooms().deliverAll();
    broker.cut(Topic.ROOM_LOG, 1);
    broker.cut(Topic.ROOM_BODIES, 1);
    broker.log(message(ROOM, at(1), "other").record(), 0);
    broker.body(bodyKey(ROOM, id("other")), HELLO, at(1));
    broker.log(member(ROOM, at(2), "j", ALICE, "join").record(), 0);

    FamilyLoop running = loop.loop();
    Thread thread = Thread.ofPlatform().start(running);
    assertThat(running.awaitCaughtUp(Duration.ofSeconds(20))).isTrue();
    running.close();
    thread.join();
    assertThat(loop.alarms).hasSize(1);
    assertThat(loop.alarms.getFirst()).contains("another record at 1", "built anew");
    assertThat(loop.views().timeline().event(ROOM, id("m1"))).isEmpty();
    assertThat(loop.views().timeline().event(ROOM, id("other"))).isPresent();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(2));
  }

  @Test
  void triesAgainWhatFails() throws Exception {
    sendMessage(0);
    rooms();
    loop.failures = 2;
    FamilyLoop running = loop.loop();
    Thread thread = Thread.ofPlatform().start(running);
    assertThat(running.awaitCaughtUp(Duration.ofSeconds(30))).isTrue();
    running.close();
    thread.join();
    assertThat(loop.alarms).hasSize(1);
    assertThat(loop.alarms.getFirst()).contains("goes on from its checkpoint", "no broker");
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0));
  }

  @Test
  void aNameThatAnotherProcessTookEndsThisOne() throws Exception {
    rooms();
    loop.failures = 1;
    loop.failure = new FencedInstanceIdException("taken");
    Thread thread = Thread.ofPlatform().start(loop.loop());
    assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    assertThat(loop.ends).hasSize(1);
    assertThat(loop.ends.getFirst()).contains("room", "another process has this node's name");
    assertThat(loop.alarms).isEmpty();
  }

  @Test
  void tellsOfTypingAndReceipts() throws IOException {
    rooms();
    for (int i = 0; i < 3; i++) {
      broker.append(
          Topic.TYPING,
          ROOM.value(),
          LogJson.encode(new TypingRecord(ROOM, ALICE, 5000 + i)),
          null,
          0);
    }
    loop.deliver(Topic.TYPING);
    assertThat(loop.ticks()).containsExactly(new Tick.Ephemeral(ROOM.value()));
    assertThat(loop.views().ephemeral().typing(ROOM, 0).users()).containsExactly(ALICE);
    assertThat(loop.views().ephemeral().typingReached(0)).isEqualTo(at(2));

    ReceiptRecord receipt = new ReceiptRecord(ROOM, BOB, "m.read", null, id("m"), 1);
    broker.append(Topic.RECEIPTS, receipt.recordKey(), LogJson.encode(receipt), null, 0);
    loop.deliver(Topic.RECEIPTS);
    assertThat(loop.ticks()).containsExactly(new Tick.Ephemeral(ROOM.value()));
    assertThat(loop.views().ephemeral().receipts(ROOM, Position.NONE, at(0))).hasSize(1);
    assertThat(loop.views().ephemeral().receiptsReached(0)).isEqualTo(at(0));
  }

  @Test
  void aCutOfReceiptsLeavesTheViewsAndUsesNoPositionAgain() throws IOException {
    sendMessage(0);
    for (int i = 0; i < 3; i++) {
      receipt(i);
    }
    broker.append(
        Topic.TYPING, ROOM.value(), LogJson.encode(new TypingRecord(ROOM, ALICE, 5000)), null, 0);
    rooms().deliverAll();
    broker.cut(Topic.RECEIPTS, 2);
    broker.cut(Topic.TYPING, 1);

    var producer =
        new MockProducer<byte[], byte[]>(
            true, null, new ByteArraySerializer(), new ByteArraySerializer());
    List<Topic> topics = List.of(Topic.TYPING, Topic.RECEIPTS);
    assertThat(EphemeralTopics.fill(topics, 1, loop.views(), broker.consumer(), producer))
        .hasSize(2);
    assertThat(producer.history()).hasSize(3).allMatch(record -> record.value() == null);
    for (var record : producer.history()) {
      Topic topic = record.topic().equals("typing") ? Topic.TYPING : Topic.RECEIPTS;
      broker.append(topic, new String(record.key(), StandardCharsets.UTF_8), null, null, 0);
    }
    assertThat(EphemeralTopics.fill(topics, 1, loop.views(), broker.consumer(), producer))
        .isEmpty();

    loop.start();
    receipt(3);
    loop.deliverAll();
    assertThat(loop.alarms).isEmpty();
    assertThat(loop.views().rooms().reached(0)).isEqualTo(at(0));
    assertThat(loop.views().ephemeral().receiptsReached(0)).isEqualTo(at(3));
    assertThat(loop.views().ephemeral().receipts(ROOM, at(2), at(3))).hasSize(1);
  }

  private void receipt(long ts) {
    ReceiptRecord receipt = new ReceiptRecord(ROOM, BOB, "m.read", null, id("m"), ts);
    broker.append(Topic.RECEIPTS, receipt.recordKey(), LogJson.encode(receipt), null, 0);
  }

  @Test
  void readsTypingAgainAfterARestart() throws IOException {
    broker.append(
        Topic.TYPING, ROOM.value(), LogJson.encode(new TypingRecord(ROOM, ALICE, 5000)), null, 0);
    rooms().deliverAll();
    loop.start();
    loop.deliverAll();
    assertThat(loop.views().ephemeral().typingReached(0)).isEqualTo(at(0));
  }

  @Test
  void tellsOfPresenceThatChangedAndReadsItAgainAfterARestart() throws IOException {
    accounts();
    presence(false);
    presence(true);
    loop.deliver(Topic.PRESENCE);
    assertThat(loop.ticks()).containsExactly(new Tick.Ephemeral(ALICE.value()));
    presence(true);
    loop.deliver(Topic.PRESENCE);
    assertThat(loop.ticks()).isEmpty();
    assertThat(loop.views().ephemeral().presenceReached(0)).isEqualTo(at(2));

    loop.start();
    loop.deliverAll();
    assertThat(loop.views().ephemeral().presence(0, ALICE)).isPresent();
    assertThat(loop.views().ephemeral().presenceChanged(0, Position.NONE, at(2))).hasSize(1);
    assertThat(loop.views().ephemeral().presenceReached(0)).isEqualTo(at(2));
  }

  private void presence(boolean renewal) {
    broker.append(
        Topic.PRESENCE,
        ALICE.value(),
        LogJson.encode(new PresenceRecord(ALICE, Presence.ONLINE, null, null, 1, 5_000, renewal)),
        null,
        0);
  }

  @Test
  void anAccountWaitsForItsItems() throws IOException {
    accounts();
    data(0, "{'v':1}");
    loop.deliverAll();
    assertThat(loop.ticks())
        .containsExactly(new Tick.Visible(ALICE.value(), "c0", at(0), List.of(ALICE)));

    data(1, "{'v':2}");
    loop.deliver(Topic.ACCOUNT_LOG);
    assertThat(loop.ticks()).isEmpty();
    assertThat(loop.views().accounts().reached(0)).isEqualTo(at(0));
    loop.deliver(Topic.ACCOUNT_ITEMS);
    assertThat(loop.ticks()).hasSize(1);
    assertThat(loop.views().accounts().reached(0)).isEqualTo(at(1));
    assertThat(loop.views().accounts().itemsReached(0)).isEqualTo(at(1));
    assertThat(loop.views().accounts().accountData(ALICE, null, "t").orElseThrow().content())
        .isEqualTo(json("{'v':2}"));
  }

  @Test
  void anAccountWaitsForTombstones() throws IOException {
    AccountItem message = new AccountItem.ToDevice(at(0), ALICE, PHONE, BOB, "m.x", json("{}"));
    broker.item(message);
    broker.log(changed(0, message), 0);
    accounts().deliverAll();
    loop.ticks();

    broker.log(changed(1, message), 0);
    loop.deliver(Topic.ACCOUNT_LOG);
    assertThat(loop.ticks()).isEmpty();
    broker.itemGone(message, at(1));
    loop.deliver(Topic.ACCOUNT_ITEMS);
    assertThat(loop.ticks()).hasSize(1);
    assertThat(loop.views().accounts().toDevice(ALICE, PHONE, Position.NONE, at(9), 10)).isEmpty();
  }

  @Test
  void reachesEachOfACommandsItems() throws IOException {
    AccountItem first =
        new AccountItem.ToDevice(Position.of(0, 0, 0), ALICE, PHONE, BOB, "m.x", json("{}"));
    AccountItem second =
        new AccountItem.ToDevice(Position.of(0, 0, 1), ALICE, PHONE, BOB, "m.x", json("{}"));
    broker.item(first);
    broker.item(second);
    accounts();
    loop.deliver(Topic.ACCOUNT_ITEMS, 1);
    assertThat(loop.views().accounts().itemsReached(0)).isEqualTo(first.position());
    loop.deliver(Topic.ACCOUNT_ITEMS);
    assertThat(loop.views().accounts().itemsReached(0)).isEqualTo(second.position());
  }

  private void data(long offset, String content) {
    AccountItem item = new AccountItem.AccountData(at(offset), ALICE, null, "t", json(content));
    broker.item(item);
    broker.log(changed(offset, item), 0);
  }

  private static AccountRecord changed(long offset, AccountItem item) {
    return new AccountRecord.ItemsChanged(
        at(offset),
        ALICE.value(),
        "c" + offset,
        true,
        ALICE,
        List.of(item.itemKey()),
        List.of(),
        null);
  }
}
