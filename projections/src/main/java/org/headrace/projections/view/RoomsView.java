package org.headrace.projections.view;

import java.util.List;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;

/** Rooms, and who is in them. */
public interface RoomsView {
  /** {@code last}: the position of the room's newest record that changed anything. */
  record Room(RoomId roomId, String roomVersion, Position created, Position last) {}

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

  /** Counts of m.joined_member_count and m.invited_member_count. */
  record Counts(int joined, int invited) {}

  Optional<Room> room(RoomId room);

  /** The user's newest membership of every room, forgotten ones too; by room id. */
  List<Membership> roomsOf(UserId user);

  Optional<Membership> membership(RoomId room, UserId user);

  /** Newest memberships of all users of the room, of any kind; by user id. */
  List<Membership> members(RoomId room);

  /** Current counts. */
  Counts counts(RoomId room);

  /** The position that the views of this room partition hold completely. */
  Position reached(int roomPartition);
}
