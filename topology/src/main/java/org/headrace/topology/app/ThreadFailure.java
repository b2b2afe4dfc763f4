package org.headrace.topology.app;

import java.util.function.Consumer;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.headrace.core.state.DamagedNodeException;
import org.headrace.topology.store.BelowFloorException;

/**
 * What follows when a thread of a Streams application dies. Of an exception: another thread goes on
 * from the last commit. Of an {@link Error} (no memory, a broken class), of a store that must be
 * rebuilt, or of a name that another process took: no thread of this process can go on, so the
 * process must end, and whoever watches it starts it again.
 */
final class ThreadFailure implements StreamsUncaughtExceptionHandler {
  private final String application;
  private final Consumer<String> alarm;
  private final Consumer<String> fatal;

  /**
   * @param alarm told in one line of a thread that is replaced
   * @param fatal told in one line why the process must end
   */
  ThreadFailure(String application, Consumer<String> alarm, Consumer<String> fatal) {
    this.application = application;
    this.alarm = alarm;
    this.fatal = fatal;
  }

  @Override
  public StreamThreadExceptionResponse handle(Throwable e) {
    Throwable cause = e;
    while (true) {
      if (cause instanceof Error || cause instanceof BelowFloorException) {
        fatal.accept(application + ": " + cause);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
      if (cause instanceof DamagedNodeException) {
        fatal.accept(
            application
                + ": its store is damaged ("
                + cause.getMessage()
                + "); remove the folder streams in this process's data folder, and start it again:"
                + " the store is restored from its changelog");
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
      if (cause instanceof FencedInstanceIdException) {
        fatal.accept(application + ": another process has this node's name; each needs its own");
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
      if (cause.getCause() == null) {
        alarm.accept(application + ": " + cause + "; going on from its last commit");
        return StreamThreadExceptionResponse.REPLACE_THREAD;
      }
      cause = cause.getCause();
    }
  }
}
