package org.headrace.api.event;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.http.RoomReach;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;

/** What of a room a user may read: up to now while joined, up to the leave after it. */
@Singleton
public class RoomAccess {
  /** How many membership events are followed back to find the last join. */
  private static final int MEMBERSHIPS_WALKED_MAX = 64;

  private final RoomsView rooms;
  private final StateView state;
  private final TimelineView timeline;
  private final StateValues values;
  private final Partitions partitions;
  private final RoomReach reach;

  @Inject
  public RoomAccess(
      RoomsView rooms,
      StateView state,
      TimelineView timeline,
      StateValues values,
      Partitions partitions,
      RoomReach reach) {
    this.rooms = rooms;
    this.state = state;
    this.timeline = timeline;
    this.values = values;
    this.partitions = partitions;
    this.reach = reach;
  }

  /**
   * What a user may read of a room.
   *
   * @param upTo the newest position that may be read: now, or that of the user's leave
   * @param joinedUntil up to where the user was last joined ({@code upTo} while joined), or {@link
   *     Position#NONE} if never
   */
  public record Access(RoomId room, UserId user, Position upTo, Position joinedUntil) {
    public boolean wasJoined() {
      return joinedUntil.isAfter(Position.NONE);
    }
  }

  /**
   * Empty if the user may read nothing: the room is unknown, or not the user's and not public. Who
   * has forgotten a room is a stranger to it (client-server API, "Leaving rooms").
   */
  public Optional<Access> of(RoomId room, UserId user) {
    Position now = rooms.reached(partitions.ofRoom(room.value()));
    if (rooms.room(room).isEmpty()) {
      return Optional.empty();
    }
    boolean forgotten =
        rooms.membership(room, user).filter(RoomsView.Membership::forgotten).isPresent();
    Access access =
        forgotten ? new Access(room, user, Position.NONE, Position.NONE) : at(room, user, now);
    if (!access.wasJoined() || access.upTo().compareTo(now) < 0) {
      if (values.historyVisibility(room, now).equals("world_readable")
          && reach.isReached(room, user.server())) {
        return Optional.of(new Access(room, user, now, access.joinedUntil()));
      }
    }
    return access.wasJoined() ? Optional.of(access) : Optional.empty();
  }

  /** The access by membership alone, as of {@code now}. */
  public Access at(RoomId room, UserId user, Position now) {
    Optional<EventId> member = state.entry(room, StateKey.member(user.value()), now);
    if (member.isEmpty()) {
      return new Access(room, user, Position.NONE, Position.NONE);
    }
    if (values.membershipOf(room, member.get()).orElse("").equals("join")) {
      return new Access(room, user, now, now);
    }
    Position left = joinedUntil(room, user, member.get());
    return new Access(room, user, left, left);
  }

  /** Where the user's last join ended, going back from the member event that is the state now. */
  private Position joinedUntil(RoomId room, UserId user, EventId newest) {
    EventId member = newest;
    for (int i = 0; i < MEMBERSHIPS_WALKED_MAX; i++) {
      Optional<EventRow> row = timeline.event(room, member);
      if (row.isEmpty() || row.get().position().packed() <= 0) {
        return Position.NONE;
      }
      Position at = row.get().position();
      Position before = new Position(at.packed() - 1);
      Optional<EventId> previous = state.entry(room, StateKey.member(user.value()), before);
      if (previous.isEmpty() || previous.get().equals(member)) {
        return Position.NONE;
      }
      if (values.membershipOf(room, previous.get()).orElse("").equals("join")) {
        return at;
      }
      member = previous.get();
    }
    return Position.NONE;
  }
}
