package org.headrace.projections.rocksdb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;

/**
 * Rooms and memberships. Counts are counted when they are asked for, and kept until they change.
 */
final class RocksRoomsView implements RoomsView {
  private static final int CACHED_COUNTS_MAX = 10_000;
  private static final String LEAVE = "leave";

  private final Rows rows;
  private final RocksTimelineView events;
  private final Reached reached;
  private final Map<RoomId, CachedCounts> cachedCounts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RoomId, CachedCounts> eldest) {
          return size() > CACHED_COUNTS_MAX;
        }
      };

  RocksRoomsView(Rows rows, RocksTimelineView events, Reached reached) {
    this.rows = rows;
    this.events = events;
    this.reached = reached;
  }

  @Override
  public Optional<Room> room(RoomId room) {
    byte[] value = rows.get(RowKey.of(Table.ROOM).text(room.value()).bytes());
    if (value == null) {
      return Optional.empty();
    }
    StoredRoom stored = LogJson.decode(value, StoredRoom.class);
    byte[] last = rows.get(RowKey.of(Table.ROOM_LAST).text(room.value()).bytes());
    return Optional.of(
        new Room(
            room,
            stored.roomVersion(),
            stored.created(),
            last == null ? stored.created() : RowValue.position(last)));
  }

  @Override
  public List<Membership> roomsOf(UserId user) {
    Map<RoomId, StoredMember> found = new LinkedHashMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.ROOM_OF_USER).text(user.value()).bytes())) {
      for (boolean more = cursor.first(); more; more = cursor.next()) {
        found.put(
            new RoomId(new RowKey.Reader(cursor.key()).skipText().text()),
            LogJson.decode(cursor.value(), StoredMember.class));
      }
    }
    Map<RoomId, Position> forgotten = forgottenBy(user);
    List<Membership> memberships = new ArrayList<>();
    found.forEach(
        (room, member) ->
            membership(room, user, member, forgotten.getOrDefault(room, Position.NONE))
                .ifPresent(memberships::add));
    return memberships;
  }

  private Map<RoomId, Position> forgottenBy(UserId user) {
    Map<RoomId, Position> forgotten = new HashMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.FORGOTTEN).text(user.value()).bytes())) {
      for (boolean more = cursor.first(); more; more = cursor.next()) {
        forgotten.put(
            new RoomId(new RowKey.Reader(cursor.key()).skipText().text()),
            RowValue.position(cursor.value()));
      }
    }
    return forgotten;
  }

  @Override
  public Optional<Membership> membership(RoomId room, UserId user) {
    byte[] value =
        rows.get(RowKey.of(Table.ROOM_OF_USER).text(user.value()).text(room.value()).bytes());
    return value == null
        ? Optional.empty()
        : membership(room, user, LogJson.decode(value, StoredMember.class));
  }

  @Override
  public List<Membership> members(RoomId room) {
    Map<UserId, StoredMember> found = membersStored(room);
    List<Membership> members = new ArrayList<>();
    found.forEach((user, member) -> membership(room, user, member).ifPresent(members::add));
    return members;
  }

  @Override
  public Counts counts(RoomId room) {
    byte[] changed = rows.get(RowKey.of(Table.MEMBERS_CHANGED).text(room.value()).bytes());
    if (changed == null) {
      return new Counts(0, 0);
    }
    Position position = RowValue.position(changed);
    synchronized (cachedCounts) {
      CachedCounts cached = cachedCounts.get(room);
      if (cached != null && cached.position().equals(position)) {
        return cached.counts();
      }
    }
    int joined = 0;
    int invited = 0;
    for (StoredMember member : membersStored(room).values()) {
      String membership = membership(room, member);
      joined += membership.equals("join") ? 1 : 0;
      invited += membership.equals("invite") ? 1 : 0;
    }
    Counts counts = new Counts(joined, invited);
    synchronized (cachedCounts) {
      cachedCounts.put(room, new CachedCounts(position, counts));
    }
    return counts;
  }

  @Override
  public Position reached(int roomPartition) {
    return reached.of(Topic.ROOM_LOG, roomPartition);
  }

  private Map<UserId, StoredMember> membersStored(RoomId room) {
    Map<UserId, StoredMember> found = new LinkedHashMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.MEMBER_OF_ROOM).text(room.value()).bytes())) {
      for (boolean more = cursor.first(); more; more = cursor.next()) {
        found.put(
            new UserId(new RowKey.Reader(cursor.key()).skipText().text()),
            LogJson.decode(cursor.value(), StoredMember.class));
      }
    }
    return found;
  }

  private Optional<Membership> membership(RoomId room, UserId user, StoredMember member) {
    byte[] forgotten =
        rows.get(RowKey.of(Table.FORGOTTEN).text(user.value()).text(room.value()).bytes());
    return membership(
        room, user, member, forgotten == null ? Position.NONE : RowValue.position(forgotten));
  }

  /** Empty if the state has no member event of the user any more. */
  private Optional<Membership> membership(
      RoomId room, UserId user, StoredMember member, Position forgotten) {
    EventId event = member.event();
    if (event == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Membership(
            room,
            user,
            membership(room, member),
            event,
            member.position(),
            forgotten.isAfter(member.position())));
  }

  private String membership(RoomId room, StoredMember member) {
    if (member.membership() != null) {
      return member.membership();
    }
    if (member.event() == null) {
      return LEAVE;
    }
    return events
        .event(room, member.event())
        .map(row -> row.pdu().path("content").path("membership").asText(LEAVE))
        .orElse(LEAVE);
  }

  /** Counts as they were when the room's membership last changed. */
  private record CachedCounts(Position position, Counts counts) {}
}
