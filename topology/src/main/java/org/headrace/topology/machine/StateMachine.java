package org.headrace.topology.machine;

import java.util.List;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * A topology without Kafka: pure, single-threaded, deterministic (design D1). Everything it knows
 * comes from the command and from the state before the command's position (design D2).
 *
 * @param <C> the commands of its input topic
 * @param <R> the records of its log
 */
public interface StateMachine<C, R extends LogRecord> {
  /**
   * Decides one command. For each record that it makes, it calls {@link #apply} with the same
   * state, so that later steps of one command see earlier ones; nothing else may change the state.
   * The state is an overlay: what it holds afterwards is written by the caller.
   *
   * @param at the command's position (ordinal 0); records take its ordinals in order
   * @return at least one log record, in ordinal order, among outputs to other topics
   */
  List<Output> decide(State state, C command, Position at);

  /**
   * The outcome of a command that could not be decided: its bytes could not be read, or {@link
   * #decide} threw. One failed log record at this position, the command's last, its tick, and word
   * to whoever else waits for the command.
   *
   * @param command null if it could not be read
   */
  List<Output> refuse(
      String key, @Nullable C command, Position at, Failure failure, String message);

  /**
   * The only mutator, and all that replay from the log runs. Reads of the state see earlier writes.
   */
  void apply(State state, R record);

  /**
   * Applies a record from beside the log, when a state is rebuilt: after all of the log, in the
   * order of the topic, of which compaction may have left only the newest of each key. It writes no
   * cell that {@link #apply} writes, and no entries.
   *
   * @param value null for a tombstone
   */
  void applyBeside(State state, String key, byte @Nullable [] value);
}
