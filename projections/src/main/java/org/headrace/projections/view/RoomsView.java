package org.headrace.projections.view;

import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;

/** Rooms, and who is in them. */
public interface RoomsView {
  /**
   * A room that is, or was, held.
   *
   * @param last the position of its newest record that changed anything
   * @param extremities its forward extremities, sorted
   */
  record Room(RoomId roomId, String roomVersion, Position last, List<EventId> extremities) {}

  /**
   * A user's newest membership event in a room ({@code membership} as in its content).
   *
   * @param position of the record that made it the state
   * @param forgotten whether the user has forgotten the room since
   */
  record Membership(
      RoomId roomId,
      UserId user,
      String membership,
      EventId eventId,
      Position position,
      boolean forgotten) {}

  /**
   * History that is not held.
   *
   * @param id names the gap for ever
   * @param frontier events of which predecessors are missing, sorted
   * @param ceiling the highest place that its events may still take
   * @param floor a place below all of them; {@link Long#MIN_VALUE}: the room's beginning
   * @param asked whether its history is being fetched
   */
  record Gap(EventId id, List<EventId> frontier, long ceiling, long floor, boolean asked) {}

  /** Counts of m.joined_member_count and m.invited_member_count. */
  record Counts(int joined, int invited) {}

  /** Empty for a room that is only known: a user is invited, or knocks. */
  Optional<Room> room(RoomId room);

  /**
   * The user's newest membership of every room, forgotten ones and those that are only known too;
   * by room id.
   */
  List<Membership> roomsOf(UserId user);

  Optional<Membership> membership(RoomId room, UserId user);

  /** The user's membership as it was after the record at this position. */
  Optional<Membership> membership(RoomId room, UserId user, Position at);

  /** Newest memberships of all users of the room, of any kind; by user id. */
  List<Membership> members(RoomId room);

  /** Current counts. */
  Counts counts(RoomId room);

  /** Servers with a joined user, in order. */
  SortedSet<ServerName> servers(RoomId room);

  /** Whether a user of this server is joined. */
  boolean isJoined(RoomId room, ServerName server);

  /** Joined users of this server, by user id; {@code limit} at most. */
  List<UserId> joinedOf(RoomId room, ServerName server, int limit);

  /** Users of this server of whom the state has, or had, a member event; {@code limit} at most. */
  List<UserId> usersOf(RoomId room, ServerName server, int limit);

  /** The open gaps, newest place first. */
  List<Gap> gaps(RoomId room);

  /** The position that the views of this room partition hold completely. */
  Position reached(int roomPartition);
}
