package org.headrace.ingest.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.headrace.http.MatrixError;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.Pending;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Outcome;

/** Submits commands for Resources and turns refusals into the specification's errors. */
@ApplicationScoped
public class Writes {
  /** Commands of one request that are under way at once. */
  private static final int PARALLEL_MAX = 32;

  @Inject CommandLog log;
  @Inject Clock clock;

  public String newId() {
    return log.newId();
  }

  /** Milliseconds since 1970. */
  public long now() {
    return clock.millis();
  }

  public CommandLog log() {
    return log;
  }

  /**
   * The result of a room's command, also where it has to wait for another server (design D7);
   * throws the {@link MatrixError} of a refusal.
   */
  public ObjectNode submit(RoomCommand command) {
    return submit(command, CommandLog.WAIT);
  }

  public ObjectNode submit(RoomCommand command, Duration wait) {
    return result(log.submit(command, Pending.idOf(command.id()), wait));
  }

  public ObjectNode submit(AccountCommand command) {
    return submit(command, CommandLog.WAIT);
  }

  public ObjectNode submit(AccountCommand command, Duration wait) {
    return result(log.submit(command, wait));
  }

  /** The result, or the error that a client is shown. */
  public static ObjectNode result(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done done -> done.result();
      case Outcome.Failed failed -> throw error(failed);
    };
  }

  /**
   * Runs the tasks side by side and returns their results in order; throws what the first threw.
   */
  public <T> List<T> all(List<Callable<T>> tasks) {
    if (tasks.size() == 1) {
      return Collections.singletonList(call(tasks.getFirst()));
    }
    Semaphore permits = new Semaphore(PARALLEL_MAX);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = new ArrayList<>(tasks.size());
      for (Callable<T> task : tasks) {
        permits.acquireUninterruptibly();
        running.add(
            threads.submit(
                () -> {
                  try {
                    return task.call();
                  } finally {
                    permits.release();
                  }
                }));
      }
      List<T> results = new ArrayList<>(tasks.size());
      for (Future<T> future : running) {
        results.add(call(future::get));
      }
      return results;
    }
  }

  /** Publishes each of these, some side by side. */
  public <T> void each(List<T> records, Consumer<T> publish) {
    List<Callable<Boolean>> tasks = new ArrayList<>(records.size());
    for (T each : records) {
      tasks.add(
          () -> {
            publish.accept(each);
            return true;
          });
    }
    if (!tasks.isEmpty()) {
      List<Boolean> unused = all(tasks);
    }
  }

  private static <T> T call(Callable<T> task) {
    try {
      return task.call();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static MatrixError error(Outcome.Failed failed) {
    String message = failed.message();
    return switch (failed.failure()) {
      case FORBIDDEN -> MatrixError.forbidden(message);
      case NOT_FOUND -> MatrixError.notFound(message);
      case TOO_LARGE -> MatrixError.tooLarge(message);
      case BAD_JSON -> MatrixError.badJson(message);
      case INVALID_PARAM -> MatrixError.invalidParam(message);
      case UNSUPPORTED_ROOM_VERSION -> new MatrixError(400, "M_UNSUPPORTED_ROOM_VERSION", message);
      case USER_IN_USE -> new MatrixError(400, "M_USER_IN_USE", message);
      case ALIAS_IN_USE -> new MatrixError(409, "M_UNKNOWN", message);
      case BAD_STATE -> new MatrixError(403, "M_BAD_STATE", message);
      case IN_PROGRESS -> new MatrixError(409, "M_UNKNOWN", message);
      case REMOTE_REFUSED -> Refusals.error(message);
      case CANNOT_OVERWRITE -> new MatrixError(409, "M_CANNOT_OVERWRITE_MEDIA", message);
      case LIMIT_EXCEEDED -> new MatrixError(400, "M_RESOURCE_LIMIT_EXCEEDED", message);
      case INTERNAL -> new MatrixError(500, "M_UNKNOWN", "The server failed; nothing was changed");
    };
  }
}
