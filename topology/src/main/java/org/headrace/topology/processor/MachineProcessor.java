package org.headrace.topology.processor;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.RecordHeader;
import org.headrace.schema.record.LogRecord;
import org.headrace.schema.trace.Subject;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;
import org.headrace.topology.machine.Output;
import org.headrace.topology.store.VersionedStore;
import org.jspecify.annotations.Nullable;

/**
 * Runs a state machine over one partition of its commands: reads and writes the partition's store
 * and forwards outputs to the sinks. One instance per task, single-threaded.
 */
final class MachineProcessor<C, R extends LogRecord>
    implements Processor<byte[], byte[], RoutedKey, byte[]> {
  /**
   * Versions of cells that commands of two such intervals ago would see may be dropped. Many times
   * the interval of commits: what was decided before the last one is committed by now.
   */
  private static final Duration COMMITTED_AFTER = Duration.ofSeconds(30);

  private final MachineDefinition<C, R> definition;
  private final Partitions partitions;
  private final Traces traces;
  private @Nullable ProcessorContext<RoutedKey, byte[]> context;
  private @Nullable CommandStep<C, R> step;
  private @Nullable VersionedStore store;

  /** How far the task was when it last looked. */
  private Position decidedEarlier = Position.NONE;

  MachineProcessor(MachineDefinition<C, R> definition, Partitions partitions, Traces traces) {
    this.definition = definition;
    this.partitions = partitions;
    this.traces = traces;
  }

  @Override
  public void init(ProcessorContext<RoutedKey, byte[]> context) {
    this.context = context;
    KeyValueStore<Bytes, byte[]> store = context.getStateStore(definition.storeName());
    VersionedStore versioned = new VersionedStore(new StreamsKeyValues(store));
    this.store = versioned;
    step = new CommandStep<>(definition.newMachine().get(), definition.commandType(), versioned);
    context.schedule(
        COMMITTED_AFTER, PunctuationType.WALL_CLOCK_TIME, now -> noteCommitted(versioned));
  }

  private void noteCommitted(VersionedStore versioned) {
    versioned.committedBefore(decidedEarlier);
    decidedEarlier = versioned.progress();
  }

  @Override
  public void process(Record<byte[], byte[]> command) {
    var metadata = Objects.requireNonNull(context).recordMetadata().orElseThrow();
    String key = command.key() == null ? "" : new String(command.key(), StandardCharsets.UTF_8);
    byte[] bytes = command.value() == null ? new byte[0] : command.value();
    TraceContext cause = TraceContext.of(command.headers());
    Traces.Span span =
        cause == null
            ? Traces.Span.NONE
            : traces.of(
                "decide " + metadata.topic(),
                cause,
                metadata.topic() + "-" + metadata.partition() + "@" + metadata.offset());
    var decided =
        Objects.requireNonNull(step).process(key, bytes, metadata.offset(), command.timestamp());
    for (Output output : decided.outputs()) {
      forward(output, metadata.partition(), metadata.offset(), decided.ts(), span.context());
    }
    if (cause != null && traces.isOn()) {
      decided.outputs().stream()
          .map(Output::record)
          .filter(Objects::nonNull)
          .forEach(record -> span.about(Subject.of(record)));
      span.end();
    }
  }

  private void forward(
      Output output, int ownPartition, long offset, long ts, @Nullable TraceContext cause) {
    // What the command yields lies in its partition; a command for another key goes to that key's.
    boolean beside =
        output.topic().family() == definition.family() && output.topic() != definition.commands();
    int partition = beside ? ownPartition : partitions.of(output.topic().family(), output.key());
    Position position =
        output.record() == null ? Position.ofOffset(offset) : output.record().position();
    RecordHeaders headers = new RecordHeaders();
    headers.add(RecordHeader.POSITION, RecordHeader.encode(position));
    Position highest = Objects.requireNonNull(store).begun();
    if (highest.offset() > offset) {
      headers.add(RecordHeader.HIGHEST, RecordHeader.encode(highest));
    }
    TraceContext.put(headers, cause);
    Objects.requireNonNull(context)
        .forward(
            new Record<>(new RoutedKey(output.key(), partition), output.value(), ts, headers),
            MachineTopology.sinkName(output.topic()));
  }
}
