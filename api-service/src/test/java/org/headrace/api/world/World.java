package org.headrace.api.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.api.event.ClientEvents;
import org.headrace.api.event.HistoryVisibility;
import org.headrace.api.event.RoomAccess;
import org.headrace.api.event.StateValues;
import org.headrace.api.event.TimelinePages;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.TenantPolicies;
import org.headrace.http.RoomReach;
import org.headrace.projections.fold.AccountFold;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.RoomFold;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.AccountItem;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.StateView;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.record.Verdict;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * Logs made by hand, folded into the real views: what a topology and a projector would have done.
 * Every record is visible, and wakes who waits, when its method returns.
 */
public final class World implements AutoCloseable {
  public static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);

  public final Partitions partitions = new Partitions(3, 2);
  public final RocksViews views;
  public final WakeupsFake wakeups = new WakeupsFake();
  public final CommandLogFake commands = new CommandLogFake();
  public final StateValues values;
  private static final ServerName ONE = new ServerName("one.example");
  private static final ServerName TWO = new ServerName("two.example");
  public final Policies policies = new Policies();
  public final RoomAccess access;
  public final HistoryVisibility visibility;
  public final TimelinePages pages;
  public final ClientEvents events;
  private final Map<String, Long> offsets = new HashMap<>();
  private final Map<RoomId, List<EventId>> timelines = new TreeMap<>();
  private final List<PresenceRecord> presences = new ArrayList<>();
  private Duration passed = Duration.ZERO;
  private int made;

  /** The clock that {@link #pass} moves. */
  public final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneId.of("UTC");
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return NOW.plus(passed);
        }
      };

  /** Those of {@code one.example} and {@code two.example}, which a test may change. */
  public static final class Policies implements FederationPolicy.OfTenants {
    private volatile FederationPolicy.OfTenants now;

    Policies() {
      now = new TenantPolicies(Map.of(ONE, FederationPolicy.OPEN, TWO, FederationPolicy.OPEN));
    }

    public void of(FederationPolicy ofOne, FederationPolicy ofTwo) {
      now = new TenantPolicies(Map.of(ONE, ofOne, TWO, ofTwo));
    }

    @Override
    public Optional<FederationPolicy> find(ServerName tenant) {
      return now.find(tenant);
    }

    @Override
    public Collection<FederationPolicy> all() {
      return now.all();
    }
  }

  private static final class TwoTenants implements Tenants {
    @Override
    public Optional<Tenant> find(ServerName name) {
      return name.equals(ONE) || name.equals(TWO)
          ? Optional.of(new Tenant(name, List.of(), false))
          : Optional.empty();
    }

    @Override
    public boolean isAlone(ServerName name) {
      return false;
    }

    @Override
    public Tenant forHost(@Nullable String host) {
      return new Tenant(ONE, List.of(), false);
    }
  }

  public World(Path folder) {
    views = RocksViews.open(folder);
    values = new StateValues(views.state(), views.timeline());
    RoomReach reach = new RoomReach(views.rooms(), new TwoTenants(), policies);
    access =
        new RoomAccess(views.rooms(), views.state(), views.timeline(), values, partitions, reach);
    visibility = new HistoryVisibility(values);
    pages = new TimelinePages(views.timeline());
    events = new ClientEvents(views.timeline(), values, clock);
    commands.onPresence(this::presence);
  }

  public void pass(Duration time) {
    passed = passed.plus(time);
  }

  public static UserId user(String name) {
    return new UserId("@" + name + ":one.example");
  }

  public static AccountsView.Session session(UserId user) {
    return new AccountsView.Session(user, new DeviceId("D_" + user.localpart()));
  }

  public static ObjectNode content(String key, String value) {
    return Json.object().put(key, value);
  }

  /** A room with its create event, its creator's join, and this history visibility. */
  public RoomId room(UserId creator, String visibility) {
    return room(creator, visibility, Json.object());
  }

  /** The same, whose create event has these members too. */
  public RoomId room(UserId creator, String visibility, ObjectNode creation) {
    // Of version 12: named by the create event, which comes next.
    RoomId room = new RoomId("!event" + made);
    state(room, creator, "m.room.create", "", creation.deepCopy().put("room_version", "12"));
    member(room, creator, creator, "join");
    state(room, creator, "m.room.join_rules", "", content("join_rule", "public"));
    state(
        room, creator, "m.room.history_visibility", "", content("history_visibility", visibility));
    return room;
  }

  public EventId member(RoomId room, UserId sender, UserId target, String membership) {
    return state(room, sender, "m.room.member", target.value(), content("membership", membership));
  }

  public EventId message(RoomId room, UserId sender, String body) {
    ObjectNode content = content("msgtype", "m.text").put("body", body);
    return append(room, sender, "m.room.message", null, content, null);
  }

  public EventId state(
      RoomId room, UserId sender, String type, String stateKey, ObjectNode content) {
    return append(room, sender, type, stateKey, content, null);
  }

  public EventId append(
      RoomId room,
      UserId sender,
      String type,
      @Nullable String stateKey,
      ObjectNode content,
      RoomRecord.@Nullable SentBy sentBy) {
    return append(room, sender, type, stateKey, content, sentBy, Json.object());
  }

  private EventId append(
      RoomId room,
      UserId sender,
      String type,
      @Nullable String stateKey,
      ObjectNode content,
      RoomRecord.@Nullable SentBy sentBy,
      ObjectNode more) {
    EventId event = new EventId("$event" + made++);
    ObjectNode pdu = Json.object().put("type", type).put("sender", sender.value());
    pdu.setAll(more);
    pdu.put("room_id", room.value()).put("origin_server_ts", clock.millis());
    pdu.set("content", content);
    List<StateChange> changes = List.of();
    if (stateKey != null) {
      pdu.put("state_key", stateKey);
      changes = List.of(new StateChange(type, stateKey, event));
    }
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    RoomRecord record =
        new RoomRecord.EventDecided(
            position,
            room,
            "c" + position.packed(),
            true,
            event,
            "12",
            pdu,
            false,
            Verdict.ACCEPTED,
            null,
            null,
            new StateView("root", changes),
            List.of(event),
            position.packed(),
            sentBy,
            null,
            null);
    timelines.computeIfAbsent(room, id -> new ArrayList<>()).add(event);
    fold(record);
    return event;
  }

  /** A message after these events, of this depth. */
  public EventId linked(RoomId room, UserId sender, List<EventId> previous, long depth) {
    ObjectNode more = Json.object().put("depth", depth);
    previous.forEach(event -> more.withArrayProperty("prev_events").add(event.value()));
    return append(room, sender, "m.room.message", null, content("body", ""), null, more);
  }

  /** A message that these events authorise. */
  public EventId authorised(RoomId room, UserId sender, List<EventId> authorising) {
    ObjectNode more = Json.object();
    authorising.forEach(event -> more.withArrayProperty("auth_events").add(event.value()));
    return append(room, sender, "m.room.message", null, content("body", ""), null, more);
  }

  /** An event of the past, at a place, against the state before {@code base}. */
  public EventId past(
      RoomId room, UserId sender, long place, EventId base, StateChange... differences) {
    EventId event = new EventId("$past" + made++);
    ObjectNode pdu = Json.object().put("type", "m.room.message").put("sender", sender.value());
    pdu.put("room_id", room.value()).put("origin_server_ts", clock.millis());
    pdu.set("content", content("body", "past"));
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(
        new RoomRecord.EventDecided(
            position,
            room,
            "c" + position.packed(),
            true,
            event,
            "12",
            pdu,
            false,
            Verdict.ACCEPTED,
            null,
            new StateView("before", List.of(differences), base),
            new StateView("root", List.of()),
            List.of(event),
            place,
            null,
            null,
            null));
    return event;
  }

  /** A state event that is known without its place. */
  public EventId outlier(
      RoomId room, UserId sender, String type, String stateKey, ObjectNode content) {
    EventId event = new EventId("$outlier" + made++);
    ObjectNode pdu = Json.object().put("type", type).put("sender", sender.value());
    pdu.put("room_id", room.value()).put("origin_server_ts", clock.millis());
    pdu.put("state_key", stateKey).set("content", content);
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(
        new RoomRecord.OutlierDecided(
            position, room, "c", true, event, "12", pdu, false, Verdict.ACCEPTED, null));
    return event;
  }

  /** The current state is these events now, as a join through another server brings it. */
  public void moveState(RoomId room, List<StateChange> changes) {
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(new RoomRecord.StateMoved(position, room, "c", true, new StateView("root", changes)));
  }

  /** A membership of a room that is not held, with the state that its server told. */
  public EventId noted(
      RoomId room, UserId sender, UserId user, String membership, List<ObjectNode> stripped) {
    EventId event = new EventId("$noted" + made++);
    ObjectNode pdu = Json.object().put("type", "m.room.member").put("sender", sender.value());
    pdu.put("room_id", room.value()).put("origin_server_ts", clock.millis());
    pdu.put("state_key", user.value()).set("content", content("membership", membership));
    pdu.putObject("unsigned").putArray(membership + "_room_state").addAll(stripped);
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(
        new RoomRecord.RemoteMembership(
            position, room, "c", true, user, membership, event, "12", pdu, false));
    return event;
  }

  public void gap(RoomId room, EventId gap, long ceiling, RoomRecord.@Nullable Asked asked) {
    gap(room, gap, List.of(gap), ceiling, asked);
  }

  public void gap(
      RoomId room,
      EventId gap,
      List<EventId> frontier,
      long ceiling,
      RoomRecord.@Nullable Asked asked) {
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(
        new RoomRecord.GapChanged(
            position, room, "c", true, gap, gap, frontier, ceiling, Long.MIN_VALUE, asked));
  }

  /** A gap between what is held at this floor and an event above. */
  public void gapAbove(RoomId room, EventId gap, long ceiling, long floor) {
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(
        new RoomRecord.GapChanged(
            position, room, "c", true, gap, gap, List.of(gap), ceiling, floor, null));
  }

  /** The place of an event that has one. */
  public long place(RoomId room, EventId event) {
    return Objects.requireNonNull(
        views.timeline().event(room, event).orElseThrow().place(), "the event has no place");
  }

  public EventId redact(RoomId room, UserId sender, EventId target) {
    ObjectNode content = content("redacts", target.value());
    EventId redaction = append(room, sender, "m.room.redaction", null, content, null);
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(new RoomRecord.EventRedacted(position, room, "c", true, target, redaction));
    return redaction;
  }

  public void forget(RoomId room, UserId user) {
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(new RoomRecord.RoomForgotten(position, room, "c", true, user));
  }

  public void devicesChanged(RoomId room, UserId user) {
    Position position = next(Topic.ROOM_LOG, partitions.ofRoom(room.value()));
    fold(new RoomRecord.DevicesChanged(position, room, "c", true, user, List.of()));
  }

  public void listed(ServerName directory, RoomId room, boolean listed) {
    int partition = partitions.ofAccount(room.value());
    Position position = next(Topic.ACCOUNT_LOG, partition);
    AccountRecord record =
        new AccountRecord.RoomListed(position, room.value(), "c", true, room, directory, listed);
    write(AccountFold.fold(record), Topic.ACCOUNT_LOG, partition, position);
  }

  public void accountData(UserId user, @Nullable RoomId room, String type, ObjectNode content) {
    item(
        new AccountItem.AccountData(
            next(Topic.ACCOUNT_ITEMS, partitions.ofAccount(user.value())),
            user,
            room,
            type,
            content));
  }

  public void toDevice(UserId to, UserId from, String type, int number) {
    // As its command might have made others before it.
    Position position = next(Topic.ACCOUNT_ITEMS, partitions.ofAccount(to.value()));
    item(
        new AccountItem.ToDevice(
            position.withOrdinal(number % 3),
            to,
            session(to).device(),
            from,
            type,
            Json.object().put("number", number)));
  }

  /** Does what the account does with the acknowledgements published so far. */
  public void applyAcknowledgements() {
    for (var acknowledged : commands.takeAcknowledged()) {
      var waiting =
          views
              .accounts()
              .toDevice(
                  acknowledged.user(),
                  acknowledged.device(),
                  Position.NONE,
                  acknowledged.upTo(),
                  1_000);
      ViewBatch batch = new ViewBatch();
      waiting.forEach(
          item -> batch.addAll(item.position(), AccountFold.itemGone(item.recordKey())));
      views.write(batch);
    }
  }

  public void typing(RoomId room, UserId user, long untilTs) {
    int partition = partitions.ofRoom(room.value());
    Position position = next(Topic.TYPING, partition);
    RowChange row = new RowChange.TypingPut(position, new TypingRecord(room, user, untilTs));
    write(List.of(row), Topic.TYPING, partition, position);
    wakeups.wake(room.value());
  }

  public void receipt(RoomId room, UserId user, String type, EventId event) {
    receipt(room, user, type, null, event);
  }

  public void receipt(
      RoomId room, UserId user, String type, @Nullable String thread, EventId event) {
    int partition = partitions.ofRoom(room.value());
    Position position = next(Topic.RECEIPTS, partition);
    ReceiptRecord receipt = new ReceiptRecord(room, user, type, thread, event, clock.millis());
    write(
        List.of(new RowChange.ReceiptPut(position, receipt)), Topic.RECEIPTS, partition, position);
    wakeups.wake(room.value());
  }

  public void presence(PresenceRecord record) {
    presences.add(record);
    int partition = partitions.ofAccount(record.user().value());
    Position position = next(Topic.PRESENCE, partition);
    RowChange row = new RowChange.PresencePut(partition, position, record);
    write(List.of(row), Topic.PRESENCE, partition, position);
    if (!record.renewal()) {
      wakeups.wake(record.user().value());
      for (var membership : views.rooms().roomsOf(record.user())) {
        wakeups.wake(membership.roomId().value());
      }
    }
  }

  /** All that was said of who is there. */
  public List<PresenceRecord> presences() {
    return List.copyOf(presences);
  }

  /** All events of the room, oldest first. */
  public List<EventId> timeline(RoomId room) {
    return List.copyOf(timelines.getOrDefault(room, List.of()));
  }

  private void fold(RoomRecord record) {
    int partition = partitions.ofRoom(record.roomId().value());
    write(RoomFold.fold(record), Topic.ROOM_LOG, partition, record.position());
    wakeups.wake(record.roomId().value());
    RoomFold.concerned(record).forEach(user -> wakeups.wake(user.value()));
  }

  /** The only item of its command. */
  private void item(AccountItem item) {
    itemCame(item);
    commandShown(item.user(), item.position().withOrdinal(0));
  }

  /** An item is written as it comes, be its command whole or not. */
  public void itemCame(AccountItem item) {
    int partition = partitions.ofAccount(item.user().value());
    write(AccountFold.item(item), Topic.ACCOUNT_ITEMS, partition, item.position());
  }

  /** All items of the account's command have come, and account.log shows it. */
  public void commandShown(UserId user, Position command) {
    write(List.of(), Topic.ACCOUNT_LOG, partitions.ofAccount(user.value()), command);
    wakeups.wake(user.value());
  }

  /** The position of the account's next command. */
  public Position nextCommand(UserId user) {
    return next(Topic.ACCOUNT_ITEMS, partitions.ofAccount(user.value()));
  }

  private void write(List<RowChange> rows, Topic topic, int partition, Position position) {
    ViewBatch batch = new ViewBatch();
    batch.addAll(position, rows);
    batch.reach(topic, partition, new Checkpoint(position, 0, 0));
    views.write(batch);
  }

  private Position next(Topic topic, int partition) {
    return Position.ofOffset(offsets.merge(topic + "/" + partition, 1L, Long::sum));
  }

  public Optional<RoomAccess.Access> accessOf(RoomId room, UserId user) {
    return access.of(room, user);
  }

  @Override
  public void close() {
    views.close();
  }
}
