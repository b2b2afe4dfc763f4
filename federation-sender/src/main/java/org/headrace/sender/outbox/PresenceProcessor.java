package org.headrace.sender.outbox;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link PresenceOutbox} over one partition of accounts, by the wall clock: what is ephemeral
 * is told as of now, and may be told again.
 */
public final class PresenceProcessor implements Processor<byte[], byte[], QueueKey, byte[]> {
  public static final String STORE = "presence";

  private static final Duration LOOK = Duration.ofSeconds(2);

  private final Tenants tenants;
  private final RoomsView rooms;
  private @Nullable ProcessorContext<QueueKey, byte[]> context;
  private @Nullable PresenceOutbox outbox;

  public PresenceProcessor(Tenants tenants, RoomsView rooms) {
    this.tenants = tenants;
    this.rooms = rooms;
  }

  @Override
  public void init(ProcessorContext<QueueKey, byte[]> context) {
    this.context = context;
    KeyValueStore<Bytes, byte[]> store = context.getStateStore(STORE);
    PresenceOutbox rules = new PresenceOutbox(rooms, tenants, store);
    outbox = rules;
    var unused =
        context.schedule(LOOK, PunctuationType.WALL_CLOCK_TIME, now -> forward(rules.at(now), now));
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    if (record.value() == null) {
      return;
    }
    long now = Objects.requireNonNull(context).currentSystemTimeMs();
    PresenceRecord presence = LogJson.decode(record.value(), PresenceRecord.class);
    forward(Objects.requireNonNull(outbox).of(presence, now), now);
  }

  private void forward(List<Outbox.Queued> queued, long nowTs) {
    for (Outbox.Queued each : queued) {
      Objects.requireNonNull(context)
          .forward(new Record<>(each.key(), LogJson.encode(each.record()), nowTs));
    }
  }
}
