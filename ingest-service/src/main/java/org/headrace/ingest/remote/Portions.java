package org.headrace.ingest.remote;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomLimits;
import org.headrace.schema.record.Outcome;

/**
 * Gives a room what was fetched for it, a portion at a time, each when the one before is decided:
 * however much it is, and however busy the partition, commands of its other rooms come between two
 * portions. The next is made meanwhile. All that is fetched goes this way: the state that a join
 * brings, states before events, auth events and missing events.
 */
@ApplicationScoped
public class Portions {
  /** Events in one command of many: what other rooms of the partition wait for. */
  public static final int EVENTS_MAX = 100;

  /** Commands of one event each in one portion; each is decided with the state before it. */
  public static final int COMMANDS_MAX = 4;

  @Inject Writes writes;

  /** Makes a portion's commands, on any thread, one portion after the other. */
  @FunctionalInterface
  public interface Maker<P> {
    List<RoomCommand> commands(P portion) throws IOException;
  }

  /** The events in their order, as many together as one command may hold. */
  static <E> List<List<E>> of(Collection<E> events, ToIntFunction<E> bytesOf) {
    List<List<E>> portions = new ArrayList<>();
    List<E> portion = new ArrayList<>();
    int bytes = 0;
    for (E event : events) {
      int more = bytesOf.applyAsInt(event);
      boolean isFull = portion.size() >= EVENTS_MAX || bytes + more > RoomLimits.CHUNK_BYTES_MAX;
      if (isFull && !portion.isEmpty()) {
        portions.add(portion);
        portion = new ArrayList<>();
        bytes = 0;
      }
      portion.add(event);
      bytes += more;
    }
    if (!portion.isEmpty()) {
      portions.add(portion);
    }
    return portions;
  }

  /** As {@link #give(List, Maker, Consumer)}, of commands with one event each. */
  public void give(List<RoomCommand> commands) {
    List<List<RoomCommand>> portions = new ArrayList<>();
    for (int from = 0; from < commands.size(); from += COMMANDS_MAX) {
      portions.add(commands.subList(from, Math.min(commands.size(), from + COMMANDS_MAX)));
    }
    give(portions, portion -> portion, outcome -> {});
  }

  /**
   * Returns when the last is decided. Where one is not within {@link CommandLog#WAIT_LONG}, no more
   * goes in: that is thrown.
   *
   * @param decided takes the outcome of each portion's last command; what it throws is the end
   */
  <P> void give(List<P> portions, Maker<P> maker, Consumer<Outcome> decided) {
    if (portions.isEmpty()) {
      return;
    }
    try (ExecutorService ahead = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<RoomCommand>> next = ahead.submit(() -> maker.commands(portions.getFirst()));
      for (int i = 1; i <= portions.size(); i++) {
        List<RoomCommand> commands = made(next);
        if (i < portions.size()) {
          P following = portions.get(i);
          next = ahead.submit(() -> maker.commands(following));
        }
        if (!commands.isEmpty()) {
          decided.accept(submit(commands));
        }
      }
    }
  }

  /** Of one room, so that all are decided when the last is. */
  private Outcome submit(List<RoomCommand> commands) {
    if (commands.size() > 1) {
      writes.log().publish(commands.subList(0, commands.size() - 1));
    }
    return writes.log().submit(commands.getLast(), CommandLog.WAIT_LONG);
  }

  private static List<RoomCommand> made(Future<List<RoomCommand>> commands) {
    try {
      return commands.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw new UncheckedIOException(cause);
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
