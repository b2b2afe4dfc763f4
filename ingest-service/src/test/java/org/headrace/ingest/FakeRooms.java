package org.headrace.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
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

  void clear() {
    versions.clear();
    state.clear();
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
            room, id, versions.get(room), AT, AT.packed(), Verdict.ACCEPTED, pdu, null, null));
  }

  @Override
  public Optional<Room> room(RoomId room) {
    return Optional.ofNullable(versions.get(room)).map(version -> new Room(room, version, AT, AT));
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
  public List<Membership> members(RoomId room) {
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
    return state.values().stream()
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
