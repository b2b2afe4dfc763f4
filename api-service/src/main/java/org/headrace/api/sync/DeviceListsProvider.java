package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.api.event.StateValues;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Position;

/**
 * Whose devices a client must fetch again, and whose it may forget (end-to-end encryption module,
 * "Tracking the device list for a user"): changes echoed into shared rooms, those who newly share a
 * room, and those who share none any more.
 */
@Singleton
public class DeviceListsProvider {
  private static final String MEMBER = "m.room.member";

  private final RoomsView rooms;
  private final StateView state;
  private final TimelineView timeline;
  private final StateValues values;

  @Inject
  public DeviceListsProvider(
      RoomsView rooms, StateView state, TimelineView timeline, StateValues values) {
    this.rooms = rooms;
    this.state = state;
    this.timeline = timeline;
    this.values = values;
  }

  /** By user id. */
  record DeviceLists(SortedSet<UserId> changed, SortedSet<UserId> left) {
    static final DeviceLists NONE = new DeviceLists(new TreeSet<>(), new TreeSet<>());

    boolean isEmpty() {
      return changed.isEmpty() && left.isEmpty();
    }

    ObjectNode json() {
      ObjectNode json = Json.object();
      ArrayNode changedIds = json.putArray("changed");
      changed.forEach(user -> changedIds.add(user.value()));
      ArrayNode leftIds = json.putArray("left");
      left.forEach(user -> leftIds.add(user.value()));
      return json;
    }
  }

  /** What the windows of all of a user's rooms say. */
  DeviceLists deviceLists(UserId user, List<RoomWindow> windows) {
    SortedSet<UserId> changed = new TreeSet<>();
    SortedSet<UserId> parted = new TreeSet<>();
    Set<RoomId> joined = new HashSet<>();
    for (RoomWindow window : windows) {
      if (window.isJoined()) {
        joined.add(window.room());
      }
      if (window.isNewlyJoined()) {
        // With the user, whose other devices may not have been told of this one.
        changed.addAll(joinedMembersNow(window.room()));
      } else if (window.isJoined() && window.hasRecords()) {
        changed.addAll(timeline.devicesChanged(window.room(), window.since(), window.now()));
        collectMembers(window, changed, parted);
      } else if (window.wasJoined() && !window.isJoined()) {
        parted.addAll(joinedMembers(window.room(), window.member().position()));
        parted.addAll(joinedMembers(window.room(), window.since()));
      }
    }
    parted.remove(user);
    SortedSet<UserId> left = new TreeSet<>();
    for (UserId other : parted) {
      if (!shares(other, joined)) {
        left.add(other);
        changed.remove(other);
      }
    }
    return new DeviceLists(changed, left);
  }

  private void collectMembers(
      RoomWindow window, SortedSet<UserId> changed, SortedSet<UserId> parted) {
    RoomId room = window.room();
    for (var change : window.lastChanges(window.now()).values()) {
      if (!change.key().type().equals(MEMBER)) {
        continue;
      }
      Optional<UserId> member = userId(change.key().stateKey());
      if (member.isEmpty()) {
        continue;
      }
      UserId other = member.get();
      boolean joinedNow =
          change
              .eventId()
              .flatMap(event -> values.membershipOf(room, event))
              .orElse("")
              .equals("join");
      boolean joinedBefore =
          values.membership(room, other, window.since()).orElse("").equals("join");
      if (joinedNow && !joinedBefore && !other.equals(window.user())) {
        changed.add(other);
      } else if (joinedBefore && !joinedNow) {
        parted.add(other);
      }
    }
  }

  /** Whoever has come or gone since the sync's position is told of again, or not yet. */
  private List<UserId> joinedMembersNow(RoomId room) {
    return rooms.members(room).stream()
        .filter(member -> member.membership().equals("join"))
        .map(RoomsView.Membership::user)
        .toList();
  }

  private List<UserId> joinedMembers(RoomId room, Position at) {
    return state.ofType(room, MEMBER, at).stream()
        .filter(entry -> values.membershipOf(room, entry.eventId()).orElse("").equals("join"))
        .flatMap(entry -> userId(entry.key().stateKey()).stream())
        .toList();
  }

  /** Other servers' member events may have state keys that no user can have. */
  private static Optional<UserId> userId(String stateKey) {
    try {
      return Optional.of(new UserId(stateKey));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  private boolean shares(UserId other, Set<RoomId> joined) {
    return rooms.roomsOf(other).stream()
        .anyMatch(m -> m.membership().equals("join") && joined.contains(m.roomId()));
  }
}
