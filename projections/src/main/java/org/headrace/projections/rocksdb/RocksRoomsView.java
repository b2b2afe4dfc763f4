package org.headrace.projections.rocksdb;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.jspecify.annotations.Nullable;

/**
 * Rooms and memberships. Counts are counted when they are asked for, and kept until they change.
 */
final class RocksRoomsView implements RoomsView {
  private static final int CACHED_COUNTS_MAX = 10_000;

  /** After every record. */
  private static final Position NEWEST = new Position(Long.MAX_VALUE);

  private final Rows rows;
  private final RocksStateView states;
  private final Reached reached;
  private final Map<RoomId, CachedCounts> cachedCounts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RoomId, CachedCounts> eldest) {
          return size() > CACHED_COUNTS_MAX;
        }
      };

  RocksRoomsView(Rows rows, RocksStateView states, Reached reached) {
    this.rows = rows;
    this.states = states;
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
    byte[] extremities = rows.get(RowKey.of(Table.EXTREMITIES).text(room.value()).bytes());
    return Optional.of(
        new Room(
            room,
            stored.roomVersion(),
            last == null ? Position.NONE : RowValue.position(last),
            extremities == null
                ? List.of()
                : List.of(LogJson.decode(extremities, EventId[].class))));
  }

  @Override
  public SortedSet<ServerName> servers(RoomId room) {
    SortedSet<ServerName> servers = new TreeSet<>();
    try (var cursor = rows.cursor(RowKey.of(Table.JOINED_OF_SERVER).text(room.value()).bytes())) {
      boolean found = cursor.first();
      while (found) {
        String server = new RowKey.Reader(cursor.key()).skipText().text();
        servers.add(new ServerName(server));
        found = cursor.seek(RowKey.afterPrefix(joined(room, server)));
      }
    }
    return servers;
  }

  @Override
  public boolean isJoined(RoomId room, ServerName server) {
    try (var cursor = rows.cursor(joined(room, server.value()))) {
      return cursor.first();
    }
  }

  @Override
  public List<UserId> joinedOf(RoomId room, ServerName server, int limit) {
    return users(joined(room, server.value()), limit);
  }

  @Override
  public List<UserId> usersOf(RoomId room, ServerName server, int limit) {
    byte[] prefix = RowKey.of(Table.USER_OF_SERVER).text(room.value()).text(server.value()).bytes();
    return users(prefix, limit);
  }

  private List<UserId> users(byte[] prefix, int limit) {
    List<UserId> users = new ArrayList<>();
    try (var cursor = rows.cursor(prefix)) {
      for (boolean more = cursor.first(); more && users.size() < limit; more = cursor.next()) {
        users.add(new UserId(new RowKey.Reader(cursor.key()).skipText().skipText().text()));
      }
    }
    return users;
  }

  private static byte[] joined(RoomId room, String server) {
    return RowKey.of(Table.JOINED_OF_SERVER).text(room.value()).text(server).bytes();
  }

  @Override
  public List<Gap> gaps(RoomId room) {
    List<Gap> gaps = new ArrayList<>();
    try (var cursor = rows.cursor(RowKey.of(Table.GAP).text(room.value()).bytes())) {
      for (boolean more = cursor.first(); more; more = cursor.next()) {
        EventId id = new EventId(new RowKey.Reader(cursor.key()).skipText().text());
        StoredGap stored = LogJson.decode(cursor.value(), StoredGap.class);
        gaps.add(new Gap(id, stored.frontier(), stored.ceiling(), stored.floor(), stored.asked()));
      }
    }
    gaps.sort(Comparator.comparingLong(Gap::ceiling).reversed());
    return gaps;
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
        (room, stored) -> {
          StoredMember member = current(room, user, stored);
          if (member != null) {
            membership(room, user, member, forgotten.getOrDefault(room, Position.NONE))
                .ifPresent(memberships::add);
          }
        });
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
  public Optional<Membership> membership(RoomId room, UserId user, Position at) {
    if (at.equals(Position.NONE)) {
      return Optional.empty();
    }
    StoredMember member = states.member(room, user, at);
    StoredMember noted = noted(room, user, at);
    if (noted != null
        && isCurrent(room, noted, at)
        && (member == null || noted.position().isAfter(member.position()))) {
      member = noted;
    }
    return member == null
        ? Optional.empty()
        : membership(room, user, member, forgotten(room, user));
  }

  private @Nullable StoredMember noted(RoomId room, UserId user, Position at) {
    RowKey all = RowKey.of(Table.NOTED_MEMBER).text(user.value()).text(room.value());
    byte[] to = RowKey.afterPrefix(all.bytes());
    try (var cursor = rows.cursor(all.descending(at.packed()).bytes(), to)) {
      return cursor.first() ? LogJson.decode(cursor.value(), StoredMember.class) : null;
    }
  }

  /**
   * Whether what another server told still counts: the room's own state, once here, goes before.
   */
  private boolean isCurrent(RoomId room, StoredMember noted, Position at) {
    RowKey from = RowKey.of(Table.HELD).text(room.value()).descending(at.packed());
    byte[] to =
        RowKey.of(Table.HELD).text(room.value()).descending(noted.position().packed()).bytes();
    try (var cursor = rows.cursor(from.bytes(), to)) {
      return !cursor.first();
    }
  }

  /** What counts now of a row: what was noted may be past. */
  private @Nullable StoredMember current(RoomId room, UserId user, StoredMember stored) {
    return stored.noted() && !isCurrent(room, stored, NEWEST)
        ? states.member(room, user, NEWEST)
        : stored;
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
    for (var entry : membersStored(room).entrySet()) {
      StoredMember member = current(room, entry.getKey(), entry.getValue());
      if (member != null) {
        joined += member.membership().equals("join") ? 1 : 0;
        invited += member.membership().equals("invite") ? 1 : 0;
      }
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

  private Optional<Membership> membership(RoomId room, UserId user, StoredMember stored) {
    StoredMember member = current(room, user, stored);
    return member == null
        ? Optional.empty()
        : membership(room, user, member, forgotten(room, user));
  }

  private Position forgotten(RoomId room, UserId user) {
    byte[] forgotten =
        rows.get(RowKey.of(Table.FORGOTTEN).text(user.value()).text(room.value()).bytes());
    return forgotten == null ? Position.NONE : RowValue.position(forgotten);
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
            member.membership(),
            event,
            member.position(),
            forgotten.isAfter(member.position())));
  }

  /** Counts as they were when the room's membership last changed. */
  private record CachedCounts(Position position, Counts counts) {}
}
