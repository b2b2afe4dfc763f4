package org.headrace.projections.rows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.RoomsView.Gap;
import org.headrace.projections.view.RoomsView.Room;
import org.headrace.schema.log.Position;

/** Rows of rooms and their members. */
public interface RoomRows {
  /** A membership's row, and where the user wanted the room forgotten. */
  record Member(StoredMember stored, Supplier<Position> forgotten) {}

  Optional<Room> room(RoomId room);

  /** Of the newest change of any membership; {@link Position#NONE}: there was none. */
  Position membersChanged(RoomId room);

  Optional<Member> member(RoomId room, UserId user);

  /** By user id. */
  Map<UserId, Member> members(RoomId room);

  /** By room id. */
  Map<RoomId, Member> roomsOf(UserId user);

  Position forgotten(RoomId room, UserId user);

  /** The newest that another server told of a room not held, not after this position. */
  Optional<StoredMember> noted(RoomId room, UserId user, Position at);

  /** Whether a step of a join has {@code after < position <= upTo}. */
  boolean isHeldBetween(RoomId room, Position after, Position upTo);

  SortedSet<ServerName> servers(RoomId room);

  boolean isJoined(RoomId room, ServerName server);

  List<UserId> joinedOf(RoomId room, ServerName server, int limit);

  List<UserId> usersOf(RoomId room, ServerName server, int limit);

  /** The open gaps, in any order. */
  List<Gap> gaps(RoomId room);
}
