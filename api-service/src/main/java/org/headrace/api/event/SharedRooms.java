package org.headrace.api.event;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.Set;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.RoomsView;

/** Who is in a room with whom. */
@Singleton
public class SharedRooms {
  private final RoomsView rooms;

  @Inject
  public SharedRooms(RoomsView rooms) {
    this.rooms = rooms;
  }

  /** The rooms that the user is joined to. */
  public Set<RoomId> joined(UserId user) {
    Set<RoomId> joined = new HashSet<>();
    for (RoomsView.Membership row : rooms.roomsOf(user)) {
      if (row.membership().equals("join")) {
        joined.add(row.roomId());
      }
    }
    return joined;
  }

  /** Whether the user is joined to one of these rooms. */
  public boolean isIn(UserId user, Set<RoomId> joined) {
    return rooms.roomsOf(user).stream()
        .anyMatch(row -> row.membership().equals("join") && joined.contains(row.roomId()));
  }
}
