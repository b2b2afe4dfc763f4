package org.headrace.api.sync;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.StateView;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * One of the user's rooms between two positions of its partition: what every provider looks at.
 * Used by one thread.
 */
final class RoomWindow {
  private final StateView state;
  private final RoomId room;
  private final UserId user;
  private final Position since;
  private final Position now;
  private final Position last;
  private final Member member;
  private final @Nullable String membershipBefore;
  private @Nullable List<StateView.Change> changes;

  /** The user's membership as it was at {@code now}. */
  record Member(String membership, EventId eventId, Position position) {}

  /**
   * A window {@code since < position <= now}.
   *
   * @param last the position of the room's newest record
   * @param membershipBefore the user's membership at {@code since}, or null
   */
  RoomWindow(
      StateView state,
      RoomId room,
      UserId user,
      Position since,
      Position now,
      Position last,
      Member member,
      @Nullable String membershipBefore) {
    this.state = state;
    this.room = room;
    this.user = user;
    this.since = since;
    this.now = now;
    this.last = last;
    this.member = member;
    this.membershipBefore = membershipBefore;
  }

  RoomId room() {
    return room;
  }

  UserId user() {
    return user;
  }

  Position since() {
    return since;
  }

  Position now() {
    return now;
  }

  Member member() {
    return member;
  }

  boolean isJoined() {
    return member.membership().equals("join");
  }

  boolean wasJoined() {
    return "join".equals(membershipBefore);
  }

  /** Joined before, at every moment of the window, and now: no visibility to be judged. */
  boolean joinedThroughout() {
    return isJoined() && wasJoined() && !member.position().isAfter(since);
  }

  boolean isNewlyJoined() {
    return isJoined() && !wasJoined();
  }

  /** Whether the room's log has anything in the window. */
  boolean hasRecords() {
    return last.isAfter(since) && now.isAfter(since);
  }

  /** Whether the user's membership event is of this window. */
  boolean membershipChanged() {
    return member.position().isAfter(since);
  }

  /** All changes of the state in the window, in order. */
  List<StateView.Change> changes() {
    List<StateView.Change> known = changes;
    if (known == null) {
      known = hasRecords() ? state.changes(room, since, now) : List.of();
      changes = known;
    }
    return known;
  }

  /** For each key that changed up to a position of the window, its last change up to it. */
  Map<StateKey, StateView.Change> lastChanges(Position upTo) {
    Map<StateKey, StateView.Change> last = new TreeMap<>();
    for (StateView.Change change : changes()) {
      if (!change.position().isAfter(upTo)) {
        last.put(change.key(), change);
      }
    }
    return last;
  }
}
