package org.headrace.sender.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.StateView;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.record.Verdict;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private static final RoomId ROOM = new RoomId("!room:a.example");
  private static final RoomId OTHER_ROOM = new RoomId("!room:a.example2");
  private static final ServerName A = new ServerName("a.example");
  private static final ServerName TENANT = new ServerName("tenant.example");
  private static final ServerName B = new ServerName("b.example");
  private static final ServerName C = new ServerName("c.example:8448");
  private static final UserId ALICE = new UserId("@alice:a.example");

  private KeyValueStore<Bytes, byte[]> store;
  private Outbox outbox;
  private int next;

  @BeforeEach
  void openOutbox() {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "outbox-test");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    var context = new MockProcessorContext<Void, Void>(config);
    store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(OutboxProcessor.STORE),
                Serdes.Bytes(),
                Serdes.ByteArray())
            .withCachingDisabled()
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    outbox = new Outbox(new RoomServers(store), new TwoTenants());
    send(member("@alice:a.example", "@alice:a.example", "join"));
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void aMessageGoesToEachServerOfTheRoomOnceAndNeverToTenants() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    send(member("@bert:b.example", "@bert:b.example", "join").fromElsewhere());
    send(member("@carl:c.example:8448", "@carl:c.example:8448", "join").fromElsewhere());
    send(member("@tina:tenant.example", "@tina:tenant.example", "join"));
    assertThat(destinations(send(message("@alice:a.example")))).containsExactly(B, C);
    assertThat(send(message("@tina:tenant.example")))
        .extracting(queued -> queued.key().tenant())
        .containsOnly(TENANT);
  }

  @Test
  void whatCameFromElsewhereIsNotSentOnUnlessATenantBringsIt() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    assertThat(send(message("@bob:b.example").fromElsewhere())).isEmpty();
    List<Outbox.Queued> join =
        send(member("@carl:c.example:8448", "@carl:c.example:8448", "join").relayedBy(A));
    assertThat(destinations(join)).containsExactly(B);
    assertThat(join.getFirst().key().tenant()).isEqualTo(A);
  }

  @Test
  void whoIsPutOutIsTold() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    assertThat(destinations(send(member("@alice:a.example", "@bob:b.example", "ban"))))
        .containsExactly(B);
    assertThat(send(message("@alice:a.example"))).isEmpty();
  }

  @Test
  void aServerStaysWhileOneOfItsUsersIsJoined() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    send(member("@bert:b.example", "@bert:b.example", "join").fromElsewhere());
    send(member("@bob:b.example", "@bob:b.example", "leave").fromElsewhere());
    assertThat(destinations(send(message("@alice:a.example")))).containsExactly(B);
    send(member("@bert:b.example", "@bert:b.example", "leave").fromElsewhere());
    assertThat(send(message("@alice:a.example"))).isEmpty();
  }

  @Test
  void recordsMetAgainLeadToTheSameServers() {
    List<Event> events =
        List.of(
            member("@bob:b.example", "@bob:b.example", "join").fromElsewhere(),
            member("@carl:c.example:8448", "@carl:c.example:8448", "join").fromElsewhere(),
            member("@bob:b.example", "@bob:b.example", "leave").fromElsewhere());
    events.forEach(this::send);
    events.subList(1, 3).forEach(this::send);
    assertThat(destinations(send(message("@alice:a.example")))).containsExactly(C);
  }

  @Test
  void resolutionMayBringAMemberBack() {
    Event join = member("@bob:b.example", "@bob:b.example", "join").fromElsewhere();
    send(join);
    send(member("@bob:b.example", "@bob:b.example", "leave").fromElsewhere());
    Event fork = message("@alice:a.example");
    fork.changes.add(new StateChange(Outbox.MEMBER, "@bob:b.example", join.id));
    assertThat(destinations(send(fork))).containsExactly(B);
  }

  @Test
  void rejectedAndSoftFailedEventsStayHere() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    for (Verdict verdict : List.of(Verdict.REJECTED, Verdict.SOFT_FAILED)) {
      Event event = message("@alice:a.example");
      event.verdict = verdict;
      assertThat(send(event)).isEmpty();
    }
  }

  @Test
  void typingAndPublicReceiptsOfOurUsersGoOut() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    EventId event = new EventId("$read");
    assertThat(destinations(outbox.of(new TypingRecord(ROOM, ALICE, 5000)))).containsExactly(B);
    assertThat(outbox.of(new TypingRecord(ROOM, new UserId("@bob:b.example"), 5000))).isEmpty();
    var receipt = outbox.of(new ReceiptRecord(ROOM, ALICE, "m.read", "main", event, 77));
    assertThat(((QueueRecord.Edu) receipt.getFirst().record()).content())
        .hasToString(
            "{'!room:a.example':{'m.read':{'@alice:a.example':{'event_ids':['$read'],'data':{'ts':77,'thread_id':'main'}}}}}"
                .replace('\'', '"'));
    assertThat(outbox.of(new ReceiptRecord(ROOM, ALICE, "m.read.private", null, event, 77)))
        .isEmpty();
  }

  @Test
  void eachStepOfOurUsersDeviceListsIsQueuedForEachDestination() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    DeviceListChange first =
        new DeviceListChange(Position.ofOffset(7), new DeviceId("PHONE"), Position.ofOffset(5));
    DeviceListChange second = new DeviceListChange(Position.ofOffset(8), null, first.position());
    var queued = outbox.of(devices(ALICE, first, second));
    assertThat(destinations(queued)).containsExactly(B, B);
    assertThat(queued)
        .extracting(Outbox.Queued::record)
        .containsExactly(
            new QueueRecord.DeviceList(ALICE, first), new QueueRecord.DeviceList(ALICE, second));
    assertThat(outbox.of(devices(new UserId("@bob:b.example")))).as("not ours").isEmpty();
  }

  @Test
  void whereNoStepIsKnownServersAreToldThatTheListIsAnother() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    var queued = outbox.of(devices(ALICE));
    assertThat(destinations(queued)).containsExactly(B, B);
    assertThat(queued)
        .extracting(one -> ((QueueRecord.Edu) one.record()).eduType())
        .containsExactly("m.device_list_update", "m.signing_key_update");
    assertThat(queued)
        .extracting(one -> ((QueueRecord.Edu) one.record()).replaces())
        .doesNotHaveDuplicates()
        .allMatch(replaces -> replaces.contains(ALICE.value()));
  }

  private static RoomRecord devices(UserId user, DeviceListChange... changes) {
    return new RoomRecord.DevicesChanged(
        Position.ofOffset(99), ROOM, "c", true, user, List.of(changes));
  }

  @Test
  void roomsOfSimilarNamesAreKeptApart() {
    send(member("@bob:b.example", "@bob:b.example", "join").fromElsewhere());
    assertThat(outbox.of(new TypingRecord(OTHER_ROOM, ALICE, 5000))).isEmpty();
  }

  private List<Outbox.Queued> send(Event event) {
    return outbox.of(event.record());
  }

  private static List<ServerName> destinations(List<Outbox.Queued> queued) {
    return queued.stream().map(one -> one.key().destination()).toList();
  }

  private Event member(String sender, String target, String membership) {
    Event event = message(sender);
    event.skeleton.put("type", Outbox.MEMBER).put("state_key", target);
    event.skeleton.putObject("content").put("membership", membership);
    event.changes.add(new StateChange(Outbox.MEMBER, target, event.id));
    return event;
  }

  private Event message(String sender) {
    return new Event(next++, sender);
  }

  /** An accepted event that was made here, unless said otherwise. */
  private static final class Event {
    final long offset;
    final EventId id;
    final ObjectNode skeleton;
    final List<StateChange> changes = new ArrayList<>();
    Verdict verdict = Verdict.ACCEPTED;
    ServerName relayAs;

    Event(int offset, String sender) {
      this.offset = offset;
      id = new EventId("$e" + offset);
      skeleton = Json.object().put("type", "m.room.message").put("sender", sender);
    }

    Event fromElsewhere() {
      skeleton.putObject("signatures").putObject("b.example").put("ed25519:k", "sig");
      return this;
    }

    Event relayedBy(ServerName tenant) {
      relayAs = tenant;
      return fromElsewhere();
    }

    EventDecided record() {
      return new EventDecided(
          Position.ofOffset(offset),
          ROOM,
          "c" + offset,
          true,
          id,
          "11",
          skeleton,
          false,
          verdict,
          null,
          null,
          new StateView("root", changes),
          List.of(id),
          verdict == Verdict.ACCEPTED ? offset : null,
          null,
          relayAs,
          null);
    }
  }

  private static final class TwoTenants implements Tenants {
    private final Map<ServerName, Tenant> tenants = new TreeMap<>();

    TwoTenants() {
      tenants.put(A, new Tenant(A, List.of(), true));
      tenants.put(TENANT, new Tenant(TENANT, List.of(), true));
    }

    @Override
    public Optional<Tenant> find(ServerName name) {
      return Optional.ofNullable(tenants.get(name));
    }

    @Override
    public boolean isAlone(ServerName name) {
      return false;
    }

    @Override
    public Tenant forHost(String hostHeader) {
      return tenants.get(A);
    }
  }
}
