package org.headrace.topology.processor;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.apache.kafka.common.KafkaException;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.LogRecord;
import org.headrace.topology.machine.CommandType;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.StateMachine;
import org.headrace.topology.store.Overlay;
import org.headrace.topology.store.VersionedStore;
import org.jspecify.annotations.Nullable;

/**
 * One command's way through a topology: decode, decide over the state before its position, write
 * the state, return the outputs. Everything is computed before anything is written.
 *
 * <p>The caller sends the outputs after this returns. A crash anywhere in between is mended by
 * meeting the command again (design D2).
 */
public final class CommandStep<C, R extends LogRecord> {
  private static final System.Logger LOG = System.getLogger(CommandStep.class.getName());

  private final StateMachine<C, R> machine;
  private final CommandType<C> type;
  private final VersionedStore store;

  public CommandStep(StateMachine<C, R> machine, CommandType<C> type, VersionedStore store) {
    this.machine = machine;
    this.type = type;
    this.store = store;
  }

  /** The outputs of a command, and its time for the records that carry them. */
  public record Decided(List<Output> outputs, long ts) {}

  /**
   * @param recordTs the timestamp of the command's record, used if the command cannot be read
   */
  public Decided process(String key, byte[] bytes, long offset, long recordTs) {
    Position at = Position.ofOffset(offset);
    C command;
    try {
      command = type.decode(bytes);
    } catch (UncheckedIOException | IllegalArgumentException e) {
      return refuse(key, null, at, recordTs, "the command could not be read");
    }
    OptionalInt padding = type.padding(command);
    Overlay overlay = store.at(at);
    if (padding.isPresent()) {
      return pad(overlay, command, at, padding.getAsInt());
    }
    List<Output> outputs;
    try {
      outputs = machine.decide(overlay, command, at);
      requireDense(outputs, at);
    } catch (KafkaException e) {
      // Not the command's fault: the store failed, so the task stops.
      throw e;
    } catch (RuntimeException e) {
      // A poisonous command becomes a recorded failure and never stalls its partition (design D1).
      LOG.log(
          System.Logger.Level.ERROR, "command " + type.id(command) + " of " + key + " at " + at, e);
      return refuse(key, command, at, type.ts(command), describe(e));
    }
    store.write(overlay, type.ts(command), false);
    return new Decided(outputs, type.ts(command));
  }

  /**
   * The command is lost, but the log may have what was decided from it, or the beginning of that:
   * it comes back into the store, and again into the log, which may have lost it since.
   */
  @SuppressWarnings("unchecked") // A padding command carries records of its own log.
  private Decided pad(Overlay overlay, C command, Position at, int firstOrdinal) {
    List<Output> outputs = new ArrayList<>();
    for (LogRecord record : type.logged(command)) {
      machine.apply(overlay, (R) record);
      outputs.add(type.again(record));
    }
    if (firstOrdinal >= 0) {
      outputs.addAll(machine.decide(overlay, command, at.withOrdinal(firstOrdinal)));
    }
    if (!outputs.isEmpty()) {
      requireDense(outputs, type.logged(command).isEmpty() ? at.withOrdinal(firstOrdinal) : at);
    }
    store.write(overlay, type.ts(command), true);
    return new Decided(outputs, type.ts(command));
  }

  private Decided refuse(String key, @Nullable C command, Position at, long ts, String message) {
    List<Output> outputs = machine.refuse(key, command, at, Failure.INTERNAL, message);
    requireDense(outputs, at);
    store.write(store.at(at), ts, false);
    return new Decided(outputs, ts);
  }

  private static String describe(RuntimeException e) {
    return "the command could not be decided (" + e.getClass().getSimpleName() + ")";
  }

  /**
   * The log's records have the ordinals from the first on, and only the last one says that it is.
   */
  private static void requireDense(List<Output> outputs, Position first) {
    Position expected = first;
    boolean last = false;
    for (Output output : outputs) {
      LogRecord record = output.record();
      if (record == null) {
        continue;
      }
      if (last || !record.position().equals(expected)) {
        throw new IllegalStateException("record at " + record.position() + " follows " + expected);
      }
      last = record.last();
      expected = last ? expected : expected.withOrdinal(expected.ordinal() + 1);
    }
    if (!last) {
      throw new IllegalStateException("a command must yield a last record");
    }
  }
}
