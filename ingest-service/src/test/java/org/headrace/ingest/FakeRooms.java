package org.headrace.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Verdict;

/** Rooms whose state a test puts there; all at one position. */
final class FakeRooms implements RoomsView, StateView, TimelineView {
  private static final Position AT = Position.ofOffset(1);

  private record Key(RoomId room, StateKey key) {}

  private final Map<RoomId, String> versions = new HashMap<>();
  private final Map<Key, EventRow> state = new HashMap<>();

  private final Map<EventId, EventRow> events = new HashMap<>();
  private final Map<EventId, List<Entry>> before = new HashMap<>();
  private final Map<RoomId, List<EventId>> extremities = new HashMap<>();

  void clear() {
    versions.clear();
    state.clear();
    events.clear();
    before.clear();
    extremities.clear();
  }

  /** The room as it is: its events, its state, the state before each event. */
  void load(RoomBuilder room) {
    load(room, room.events().size());
  }

  /** The room as it was when it had this many events, one after the other. */
  void load(RoomBuilder room, int count) {
    versions.put(room.roomId(), room.version().id());
    for (Pdu event : room.events().subList(0, count)) {
      place(event, room);
    }
    Pdu last = room.events().get(count - 1);
    room.stateAfter(last.id())
        .forEach((key, id) -> state.put(new Key(room.roomId(), key), events.get(id)));
    extremities.put(room.roomId(), List.of(last.id()));
  }

  /** An event of the room, with the state before it. */
  void place(Pdu event, RoomBuilder room) {
    addEvent(event, room.version().id(), false);
    before.put(event.id(), entries(room.stateBefore(event.prevEvents())));
  }

  /** The state stays, but no event has a place in the graph any more. */
  void clearEvents() {
    before.clear();
    for (EventRow row : List.copyOf(events.values())) {
      addEvent(new Pdu(row.eventId(), row.roomId(), row.pdu()), row.roomVersion(), true);
    }
    state.replaceAll((key, row) -> events.get(row.eventId()));
  }

  /** The event alone. */
  void addEvent(Pdu event, String version, boolean outlier) {
    events.put(
        event.id(),
        new EventRow(
            event.roomId(),
            event.id(),
            version,
            AT,
            AT.packed(),
            Verdict.ACCEPTED,
            event.json(),
            null,
            null,
            outlier));
  }

  /** An event whose room is known by it alone: an invite, a knock. */
  void addMembership(Pdu event, String version) {
    addEvent(event, version, true);
    StateKey key = new StateKey("m.room.member", event.stateKey().orElseThrow());
    state.put(new Key(event.roomId(), key), events.get(event.id()));
  }

  /** A join from elsewhere, on top of the room. */
  void addJoined(Pdu join, RoomBuilder room) {
    addEvent(join, room.version().id(), false);
    before.put(join.id(), entries(room.currentState()));
  }

  private static List<Entry> entries(Map<StateKey, EventId> of) {
    List<Entry> entries = new ArrayList<>();
    of.forEach((key, id) -> entries.add(new Entry(key, id)));
    return entries;
  }

  void add(RoomId room, String version) {
    versions.put(room, version);
  }

  /** The event becomes the room's state; its JSON needs a type, a state key and a content. */
  void put(RoomId room, ObjectNode pdu) {
    StateKey key = new StateKey(pdu.path("type").asText(), pdu.path("state_key").asText());
    EventId id = new EventId("$" + key.type() + "-" + key.stateKey());
    state.put(
        new Key(room, key),
        new EventRow(
            room,
            id,
            versions.get(room),
            AT,
            AT.packed(),
            Verdict.ACCEPTED,
            pdu,
            null,
            null,
            false));
  }

  @Override
  public Optional<Room> room(RoomId room) {
    return Optional.ofNullable(versions.get(room))
        .map(version -> new Room(room, version, AT, extremities.getOrDefault(room, List.of())));
  }

  @Override
  public List<Membership> roomsOf(UserId user) {
    List<Membership> rooms = new ArrayList<>();
    versions.keySet().forEach(room -> membership(room, user).ifPresent(rooms::add));
    return rooms;
  }

  @Override
  public Optional<Membership> membership(RoomId room, UserId user) {
    return Optional.ofNullable(state.get(new Key(room, StateKey.member(user.value()))))
        .map(
            row ->
                new Membership(
                    room,
                    user,
                    row.pdu().path("content").path("membership").asText(),
                    row.eventId(),
                    AT,
                    false));
  }

  @Override
  public Optional<Membership> membership(RoomId room, UserId user, Position at) {
    return membership(room, user);
  }

  @Override
  public List<Membership> members(RoomId room) {
    return List.of();
  }

  @Override
  public SortedSet<ServerName> servers(RoomId room) {
    SortedSet<ServerName> servers = new TreeSet<>();
    joined(room).forEach(user -> servers.add(user.server()));
    return servers;
  }

  @Override
  public boolean isJoined(RoomId room, ServerName server) {
    return servers(room).contains(server);
  }

  @Override
  public List<UserId> joinedOf(RoomId room, ServerName server, int limit) {
    return joined(room).stream().filter(user -> user.server().equals(server)).limit(limit).toList();
  }

  @Override
  public List<UserId> usersOf(RoomId room, ServerName server, int limit) {
    return joinedOf(room, server, limit);
  }

  private List<UserId> joined(RoomId room) {
    return state.entrySet().stream()
        .filter(entry -> entry.getKey().room().equals(room))
        .filter(entry -> entry.getKey().key().type().equals("m.room.member"))
        .map(entry -> new UserId(entry.getKey().key().stateKey()))
        .filter(user -> membership(room, user).orElseThrow().membership().equals("join"))
        .sorted()
        .toList();
  }

  @Override
  public List<Gap> gaps(RoomId room) {
    return List.of();
  }

  @Override
  public Optional<EventId> entryBefore(RoomId room, EventId event, StateKey key) {
    return entry(room, key, AT);
  }

  @Override
  public List<Entry> allBefore(RoomId room, EventId event) {
    return before.getOrDefault(event, List.of());
  }

  @Override
  public List<EventRow> fromTime(RoomId room, long ts, int limit) {
    return List.of();
  }

  @Override
  public List<EventRow> toTime(RoomId room, long ts, int limit) {
    return List.of();
  }

  @Override
  public List<RoomId> roomsOf(EventId event) {
    return List.of();
  }

  @Override
  public Counts counts(RoomId room) {
    return new Counts(0, 0);
  }

  @Override
  public Optional<EventId> entry(RoomId room, StateKey key, Position at) {
    return Optional.ofNullable(state.get(new Key(room, key))).map(EventRow::eventId);
  }

  @Override
  public List<Entry> ofType(RoomId room, String type, Position at) {
    return List.of();
  }

  @Override
  public List<Entry> all(RoomId room, Position at) {
    return List.of();
  }

  @Override
  public List<Change> changes(RoomId room, Position after, Position upTo) {
    return List.of();
  }

  @Override
  public Optional<EventRow> event(RoomId room, EventId event) {
    return Stream.concat(events.values().stream(), state.values().stream())
        .filter(row -> row.roomId().equals(room) && row.eventId().equals(event))
        .findFirst();
  }

  @Override
  public List<EventRow> events(RoomId room, List<EventId> events) {
    return events.stream().flatMap(id -> event(room, id).stream()).toList();
  }

  @Override
  public List<EventRow> newest(RoomId room, long after, long upTo, int limit) {
    return List.of();
  }

  @Override
  public List<EventRow> oldest(RoomId room, long after, long upTo, int limit) {
    return List.of();
  }

  @Override
  public List<UserId> devicesChanged(RoomId room, Position after, Position upTo) {
    return List.of();
  }

  @Override
  public Position reached(int roomPartition) {
    return AT;
  }
}
