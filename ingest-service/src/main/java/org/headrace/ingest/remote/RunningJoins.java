package org.headrace.ingest.remote;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
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
    volatile @Nullable Begun begun;
  }

  /** A join whose room's state is on its way to this tenant. */
  private record Begun(ServerName tenant, RoomVersion version) {}

  /** One join's turn; closed when it ends, either way. */
  public final class Turn implements AutoCloseable {
    private final RoomId room;
    private final ServerName tenant;
    private final Running mine;

    private Turn(RoomId room, ServerName tenant, Running mine) {
      this.room = room;
      this.tenant = tenant;
      this.mine = mine;
    }

    /** From now on events of the room, which is of this version, are let through. */
    public void begin(RoomVersion version) {
      mine.begun = new Begun(tenant, version);
    }

    @Override
    public void close() {
      mine.begun = null;
      mine.turn.release();
      leave(room, mine);
    }
  }

  /** For a user of this tenant; waits for those who join the room already. */
  public Turn enter(RoomId room, ServerName tenant) {
    Running mine;
    synchronized (running) {
      mine = running.computeIfAbsent(room, id -> new Running());
      mine.users++;
    }
    mine.turn.acquireUninterruptibly();
    return new Turn(room, tenant, mine);
  }

  private void leave(RoomId room, Running mine) {
    synchronized (running) {
      mine.users--;
      if (mine.users == 0) {
        running.remove(room);
      }
    }
  }

  /** The version of a room whose state is on its way to this tenant: others do not know of it. */
  public Optional<RoomVersion> version(RoomId room, ServerName tenant) {
    synchronized (running) {
      return Optional.ofNullable(running.get(room))
          .map(found -> found.begun)
          .filter(begun -> begun.tenant().equals(tenant))
          .map(Begun::version);
    }
  }
}
