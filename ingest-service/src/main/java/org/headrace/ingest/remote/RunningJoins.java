package org.headrace.ingest.remote;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.headrace.core.id.RoomId;
import org.headrace.core.roomversion.RoomVersion;
import org.jspecify.annotations.Nullable;

/**
 * Rooms that this node is joining through other servers: one join at a time of each, and events
 * that come meanwhile are given to the room, which lets them wait. Safe for many threads.
 */
@ApplicationScoped
public class RunningJoins {
  private final Map<RoomId, Running> running = new HashMap<>();

  private static final class Running {
    final Semaphore turn = new Semaphore(1);
    int users;
    volatile @Nullable RoomVersion version;
  }

  /** One join's turn; closed when it ends, either way. */
  public final class Turn implements AutoCloseable {
    private final RoomId room;
    private final Running mine;

    private Turn(RoomId room, Running mine) {
      this.room = room;
      this.mine = mine;
    }

    /** From now on events of the room, which is of this version, are let through. */
    public void begin(RoomVersion version) {
      mine.version = version;
    }

    @Override
    public void close() {
      mine.version = null;
      mine.turn.release();
      leave(room, mine);
    }
  }

  /** Waits for those who join the room already. */
  public Turn enter(RoomId room) {
    Running mine;
    synchronized (running) {
      mine = running.computeIfAbsent(room, id -> new Running());
      mine.users++;
    }
    mine.turn.acquireUninterruptibly();
    return new Turn(room, mine);
  }

  private void leave(RoomId room, Running mine) {
    synchronized (running) {
      mine.users--;
      if (mine.users == 0) {
        running.remove(room);
      }
    }
  }

  /** The version of a room whose state is on its way. */
  public Optional<RoomVersion> version(RoomId room) {
    synchronized (running) {
      return Optional.ofNullable(running.get(room)).map(found -> found.version);
    }
  }
}
