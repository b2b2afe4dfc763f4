package org.headrace.log.ticks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.schema.log.Position;
import org.headrace.schema.tick.Tick;
import org.headrace.schema.trace.TraceContext;
import org.junit.jupiter.api.Test;

/** What is kept where nobody records traces; what is recorded, conformance's TracesIT shows. */
class TracedNewsTest {
  @Test
  void nothingIsKeptWhereNothingIsRecorded() {
    TracedNews.NONE.accept(
        new Tick.Visible("!a:one.example", "c", Position.ofOffset(1), List.of()),
        new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"));
    assertThat(TracedNews.NONE.isEmpty()).isTrue();
    TracedNews.NONE.answered(
        new RoomId("!a:one.example"), Position.NONE, Position.ofOffset(2), Instant.EPOCH);
  }
}
