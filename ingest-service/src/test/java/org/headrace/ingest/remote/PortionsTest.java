package org.headrace.ingest.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.headrace.schema.command.RoomLimits;
import org.junit.jupiter.api.Test;

class PortionsTest {
  @Test
  void aPortionHasAHundredEvents() {
    List<Integer> events = IntStream.range(0, 2 * Portions.EVENTS_MAX + 1).boxed().toList();
    List<List<Integer>> portions = Portions.of(events, event -> 1);
    assertThat(portions)
        .extracting(List::size)
        .containsExactly(Portions.EVENTS_MAX, Portions.EVENTS_MAX, 1);
    assertThat(portions.stream().flatMap(List::stream).toList()).isEqualTo(events);
    assertThat(Portions.of(List.of(), event -> 1)).isEmpty();
  }

  @Test
  void aPortionFitsIntoACommand() {
    int third = RoomLimits.CHUNK_BYTES_MAX / 3;
    assertThat(Portions.of(List.of(third, third, third, third), bytes -> bytes))
        .extracting(List::size)
        .containsExactly(3, 1);
    assertThat(Portions.of(List.of(1, RoomLimits.CHUNK_BYTES_MAX + 1, 1), bytes -> bytes))
        .as("one event alone may be larger")
        .extracting(List::size)
        .containsExactly(1, 1, 1);
  }
}
