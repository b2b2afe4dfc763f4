package org.headrace.projections.rows;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;

/**
 * Rooms and memberships. Counts are counted when they are asked for, and kept until they change.
 */
public final class RowsRoomsView implements RoomsView {
  private static final int CACHED_COUNTS_MAX = 10_000;

  /** After every record. */
  private static final Position NEWEST = new Position(Long.MAX_VALUE);

  private final RoomRows rows;
  private final RowsStateView states;
  private final Reached reached;
  private final Map<RoomId, CachedCounts> cachedCounts =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RoomId, CachedCounts> eldest) {
          return size() > CACHED_COUNTS_MAX;
        }
      };

  public RowsRoomsView(RoomRows rows, RowsStateView states, Reached reached) {
    this.rows = rows;
    this.states = states;
    this.reached = reached;
  }

  @Override
  public Optional<Room> room(RoomId room) {
    return rows.room(room);
  }

  @Override
  public SortedSet<ServerName> servers(RoomId room) {
    return rows.servers(room);
  }

  @Override
  public boolean isJoined(RoomId room, ServerName server) {
    return rows.isJoined(room, server);
  }

  @Override
  public List<UserId> joinedOf(RoomId room, ServerName server, int limit) {
    return limit <= 0 ? List.of() : rows.joinedOf(room, server, limit);
  }

  @Override
  public List<UserId> usersOf(RoomId room, ServerName server, int limit) {
    return limit <= 0 ? List.of() : rows.usersOf(room, server, limit);
  }

  @Override
  public List<Gap> gaps(RoomId room) {
    List<Gap> gaps = new ArrayList<>(rows.gaps(room));
    gaps.sort(Comparator.comparingLong(Gap::ceiling).reversed().thenComparing(Gap::id));
    return gaps;
  }

  @Override
  public List<Membership> roomsOf(UserId user) {
    List<Membership> memberships = new ArrayList<>();
    rows.roomsOf(user)
        .forEach((room, member) -> membership(room, user, member).ifPresent(memberships::add));
    return memberships;
  }

  @Override
  public Optional<Membership> membership(RoomId room, UserId user) {
    return rows.member(room, user).flatMap(member -> membership(room, user, member));
  }

  @Override
  public Optional<Membership> membership(RoomId room, UserId user, Position at) {
    if (at.equals(Position.NONE)) {
      return Optional.empty();
    }
    Optional<StoredMember> member = states.member(room, user, at);
    Optional<StoredMember> noted =
        rows.noted(room, user, at)
            .filter(told -> !rows.isHeldBetween(room, told.position(), at))
            .filter(told -> member.isEmpty() || told.position().isAfter(member.get().position()));
    return noted
        .or(() -> member)
        .flatMap(found -> membership(room, user, found, rows.forgotten(room, user)));
  }

  @Override
  public List<Membership> members(RoomId room) {
    List<Membership> members = new ArrayList<>();
    rows.members(room)
        .forEach((user, member) -> membership(room, user, member).ifPresent(members::add));
    return members;
  }

  @Override
  public Counts counts(RoomId room) {
    Position position = rows.membersChanged(room);
    if (position.equals(Position.NONE)) {
      return new Counts(0, 0);
    }
    synchronized (cachedCounts) {
      CachedCounts cached = cachedCounts.get(room);
      if (cached != null && cached.position().equals(position)) {
        return cached.counts();
      }
    }
    int joined = 0;
    int invited = 0;
    for (var entry : rows.members(room).entrySet()) {
      String membership =
          current(room, entry.getKey(), entry.getValue().stored())
              .map(StoredMember::membership)
              .orElse("");
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

  /**
   * What counts now of a row. What another server told is past once the room is here: its own state
   * goes before.
   */
  private Optional<StoredMember> current(RoomId room, UserId user, StoredMember stored) {
    return stored.noted() && rows.isHeldBetween(room, stored.position(), NEWEST)
        ? states.member(room, user, NEWEST)
        : Optional.of(stored);
  }

  private Optional<Membership> membership(RoomId room, UserId user, RoomRows.Member member) {
    return current(room, user, member.stored())
        .flatMap(found -> membership(room, user, found, member.forgotten().get()));
  }

  /** Empty if the state has no member event of the user any more. */
  private static Optional<Membership> membership(
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
