package org.headrace.log.publish;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.tick.Tick;

/**
 * Matches ticks with those who wait for a command. Both ticks may come in either order, and for
 * commands of other nodes, which nobody here waits for. Safe for use by many threads.
 */
public final class Outcomes {
  /** How long after it was decided a write waits to be visible (design D4). */
  public static final Duration VISIBLE_WAIT = Duration.ofSeconds(1);

  /**
   * Commands of this process that may wait at once. Above that, waiting longer would only make
   * every answer late: a node decides some thousand commands a second.
   */
  static final int WAITING_MAX = 4_000;

  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  private record Waiting(CompletableFuture<Outcome> decided, CompletableFuture<Boolean> visible) {}

  /** A command that is waited for from now on; close it. */
  public final class Expected implements AutoCloseable {
    private final String commandId;
    private final Waiting mine = new Waiting(new CompletableFuture<>(), new CompletableFuture<>());

    private Expected(String commandId) {
      this.commandId = commandId;
      if (waiting.size() >= WAITING_MAX) {
        throw new BusyException();
      }
      if (waiting.putIfAbsent(commandId, mine) != null) {
        throw new IllegalStateException("command " + commandId + " is waited for already");
      }
    }

    /** Waits until decided, then until visible or {@link #VISIBLE_WAIT} later. */
    public Outcome await(Duration wait) throws InterruptedException {
      Outcome outcome;
      try {
        outcome = mine.decided().get(wait.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new NoAnswerException(
            "the server did not decide within " + wait.toSeconds() + " s; it may still do so");
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
      if (outcome instanceof Outcome.Done) {
        try {
          mine.visible().get(VISIBLE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // Views are behind; what was decided stands (design D4).
          return outcome;
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
      return outcome;
    }

    /** Whether the command is decided within the wait. */
    boolean isDecided(Duration wait) throws InterruptedException {
      try {
        var unused = mine.decided().get(wait.toMillis(), TimeUnit.MILLISECONDS);
        return true;
      } catch (TimeoutException e) {
        return false;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }

    /** Waits until the command is decided and visible, however long the views take. */
    void awaitVisible(Duration wait) throws InterruptedException {
      try {
        mine.visible().get(wait.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new NoAnswerException("the views do not show " + commandId + " in time");
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }

    @Override
    public void close() {
      waiting.remove(commandId, mine);
    }
  }

  /** Throws {@link BusyException}: too many wait already. */
  public Expected expect(String commandId) {
    return new Expected(commandId);
  }

  /** How many commands are waited for now. */
  public int waitingCount() {
    return waiting.size();
  }

  public void accept(Tick tick) {
    switch (tick) {
      case Tick.Decided decided -> {
        Waiting found = waiting.get(decided.commandId());
        if (found != null) {
          found.decided().complete(decided.outcome());
        }
      }
      case Tick.Visible visible -> {
        Waiting found = waiting.get(visible.commandId());
        if (found != null) {
          found.visible().complete(true);
        }
      }
      case Tick.Ephemeral ephemeral -> {}
    }
  }
}
