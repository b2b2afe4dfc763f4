package org.headrace.api.sync;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;

/**
 * The user's rooms, each as a window between two tokens. Forgotten ones are excluded, unless they
 * were left since the first: that is told once.
 */
@Singleton
public class UserRooms {
  private final RoomsView rooms;
  private final StateView state;
  private final Partitions partitions;

  @Inject
  public UserRooms(RoomsView rooms, StateView state, Partitions partitions) {
    this.rooms = rooms;
    this.state = state;
    this.partitions = partitions;
  }

  /** Windows by room id. */
  List<RoomWindow> windows(UserId user, SyncToken since, SyncToken now) {
    List<RoomWindow> windows = new ArrayList<>();
    for (RoomsView.Membership newest : rooms.roomsOf(user)) {
      int partition = partitions.ofRoom(newest.roomId().value());
      Position from = since.room(partition).log();
      Position upTo = now.room(partition).log();
      if (!newest.forgotten() || isNewsAfter(from, newest)) {
        memberAt(newest, upTo)
            .map(member -> window(newest.roomId(), user, from, upTo, member))
            .ifPresent(windows::add);
      }
    }
    return windows;
  }

  /** A client whose token has no position of the partition has none of its rooms. */
  private static boolean isNewsAfter(Position from, RoomsView.Membership newest) {
    return from.isAfter(Position.NONE) && newest.position().isAfter(from);
  }

  private RoomWindow window(
      RoomId room, UserId user, Position since, Position now, RoomWindow.Member member) {
    String before = null;
    if (!member.position().isAfter(since)) {
      before = member.membership();
    } else if (since.isAfter(Position.NONE)) {
      before =
          rooms.membership(room, user, since).map(RoomsView.Membership::membership).orElse(null);
    }
    // A partition where nothing happened needs no look at its rooms.
    Position last =
        now.isAfter(since) ? rooms.room(room).map(RoomsView.Room::last).orElse(since) : since;
    return new RoomWindow(state, room, user, since, now, last, member, before);
  }

  /** The view goes on while we read: a membership newer than {@code now} is not news yet. */
  private Optional<RoomWindow.Member> memberAt(RoomsView.Membership newest, Position now) {
    Optional<RoomsView.Membership> then =
        newest.position().isAfter(now)
            ? rooms.membership(newest.roomId(), newest.user(), now)
            : Optional.of(newest);
    return then.map(
        member -> new RoomWindow.Member(member.membership(), member.eventId(), member.position()));
  }
}
