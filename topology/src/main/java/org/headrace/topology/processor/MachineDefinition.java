package org.headrace.topology.processor;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.LogRecord;
import org.headrace.topology.machine.CommandType;
import org.headrace.topology.machine.StateMachine;

/**
 * All that distinguishes one topology from the other.
 *
 * @param name the Streams application id, and the prefix of its changelog
 * @param commands its only input
 * @param log where each command yields a record
 * @param beside the compacted topic beside the log, of the same partitions
 * @param hasBeside whether a log record has a companion on {@code beside} that is not a tombstone
 * @param outputs every topic that the machine sends to
 */
public record MachineDefinition<C, R extends LogRecord>(
    String name,
    Topic.Family family,
    Topic commands,
    Topic log,
    Topic beside,
    Class<R> recordType,
    Predicate<R> hasBeside,
    List<Topic> outputs,
    CommandType<C> commandType,
    Supplier<StateMachine<C, R>> newMachine) {

  public String storeName() {
    return "state";
  }

  /** The changelog topic as Streams names it. */
  public String changelog() {
    return name + "-" + storeName() + "-changelog";
  }
}
