package org.headrace.stateres.room;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.core.auth.Membership;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.state.StateTree;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.StateView;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Which servers are in a room, by users joined in its current state; and so whether the room is
 * held: whether what is known of it is its state.
 */
final class Residency {
  private static final String MEMBER = "m.room.member";
  private static final byte[] PRESENT = {1};

  /** Servers of this deployment that may have acted in one room. */
  private static final int HOSTED_MAX = 10_000;

  private final RoomStore store;

  Residency(RoomStore store) {
    this.store = store;
  }

  /**
   * Whether the room's state is ours to decide: a user of a hosted server is joined; or nobody is
   * at all, of a room where one was, so that no other server knows better.
   */
  boolean isHeld(State state, RoomId room, @Nullable Head head) {
    boolean isLeft = head != null && head.joined() == 0;
    return isResident(state, room, head)
        || (isLeft
            && isSettled(state, room, head)
            && !state.cells(RoomKeys.servers(room), 1).isEmpty());
  }

  /** Whether a user of a hosted server is joined; while the room is being joined nobody counts. */
  boolean isResident(State state, RoomId room, @Nullable Head head) {
    return isSettled(state, room, head) && isHostedJoined(state, room);
  }

  private boolean isSettled(State state, RoomId room, @Nullable Head head) {
    return head != null && !head.tips().isEmpty() && store.joining(state, room) == null;
  }

  /** The same where a user of this hosted server asks, which mostly answers it. */
  boolean isHeld(State state, RoomId room, @Nullable Head head, ServerName asks) {
    return (isSettled(state, room, head) && isJoined(state, room, asks))
        || isHeld(state, room, head);
  }

  private static boolean isHostedJoined(State state, RoomId room) {
    String prefix = RoomKeys.servers(room);
    for (String key : state.cells(prefix, HOSTED_MAX).keySet()) {
      if (isJoined(state, room, new ServerName(key.substring(prefix.length())))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a user of this server is joined in the current state. */
  static boolean isJoined(State state, RoomId room, ServerName server) {
    return state.cell(RoomKeys.joined(room, server)) != null;
  }

  static boolean isHosted(State state, RoomId room, ServerName server) {
    return state.cell(RoomKeys.server(room, server)) != null;
  }

  static void noteHosted(State state, RoomId room, ServerName server) {
    if (!isHosted(state, room, server)) {
      state.putCell(RoomKeys.server(room, server), PRESENT);
    }
  }

  /**
   * Counts who joins and leaves by these changes of the current state.
   *
   * @param root of the current state before them
   * @return how many are joined then
   */
  int count(State state, RoomId room, StateTree tree, String root, StateView current, int joined) {
    Map<ServerName, Integer> servers = new TreeMap<>();
    for (StateChange change : current.changes()) {
      UserId user = change.type().equals(MEMBER) ? userId(change.stateKey()) : null;
      if (user == null) {
        continue;
      }
      boolean was =
          Membership.of(store.lookup(state, tree, room, root), user.value())
              .equals(Membership.JOIN);
      boolean is =
          change.eventId() != null
              && Membership.of(store.requireKnown(state, room, change.eventId()).pdu())
                  .equals(Membership.JOIN);
      if (was != is) {
        servers.merge(user.server(), is ? 1 : -1, Integer::sum);
      }
      if (is && isHosted(state, room, user.server())) {
        forget(state, room, user);
      }
    }
    int total = joined;
    for (var server : servers.entrySet()) {
      total += server.getValue();
      add(state, RoomKeys.joined(room, server.getKey()), server.getValue());
    }
    return total;
  }

  /** What was remembered of the user while the room was not held is of the past. */
  private void forget(State state, RoomId room, UserId user) {
    if (store.remembered(state, room, user) != null) {
      state.deleteCell(RoomKeys.remembered(room, user));
    }
  }

  private static void add(State state, String key, int change) {
    byte[] bytes = state.cell(key);
    int before = bytes == null ? 0 : Integer.parseInt(new String(bytes, StandardCharsets.UTF_8));
    int count = before + change;
    if (count < 0) {
      throw new IllegalStateException(key + " would be " + count);
    }
    if (count == 0 && bytes != null) {
      state.deleteCell(key);
    } else if (count > 0 && change != 0) {
      state.putCell(key, Integer.toString(count).getBytes(StandardCharsets.UTF_8));
    }
  }

  static @Nullable UserId userId(String stateKey) {
    try {
      return new UserId(stateKey);
    } catch (InvalidIdException e) {
      return null;
    }
  }
}
