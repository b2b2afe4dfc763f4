package org.headrace.ingest.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.headrace.core.id.EventId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventOrderTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void noEventComesBeforeThoseThatItNames(long seed) {
    Random random = new Random(seed);
    Map<EventId, List<EventId>> before = new TreeMap<>();
    List<EventId> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      List<EventId> earlier = new ArrayList<>();
      for (int j = 0; j < Math.min(i, 3); j++) {
        earlier.add(all.get(random.nextInt(all.size())));
      }
      earlier.add(new EventId("$elsewhere" + i));
      EventId id = new EventId("$" + random.nextInt() + "-" + i);
      before.put(id, earlier);
      all.add(id);
    }
    Collections.shuffle(all, random);
    Map<EventId, EventId> events = new LinkedHashMap<>();
    all.forEach(id -> events.put(id, id));
    List<EventId> ordered = EventOrder.of(events, before::get);
    assertThat(ordered).as("seed " + seed).containsExactlyInAnyOrderElementsOf(all);
    for (EventId id : ordered) {
      for (EventId earlier : before.get(id)) {
        assertThat(ordered.indexOf(earlier)).isLessThan(ordered.indexOf(id));
      }
    }
  }

  @Test
  void aLongChainNeedsNoDeepStackAndACircleEnds() {
    Map<EventId, EventId> events = new LinkedHashMap<>();
    int length = 200_000;
    for (int i = length; i > 0; i--) {
      events.put(new EventId("$" + i), new EventId("$" + i));
    }
    List<EventId> ordered =
        EventOrder.of(
            events,
            id -> List.of(new EventId("$" + (Integer.parseInt(id.value().substring(1)) - 1))));
    assertThat(ordered.getFirst().value()).isEqualTo("$1");
    assertThat(ordered).hasSize(length);

    Map<EventId, EventId> circle = new LinkedHashMap<>();
    circle.put(new EventId("$a"), new EventId("$b"));
    circle.put(new EventId("$b"), new EventId("$a"));
    assertThat(EventOrder.of(circle, List::of)).hasSize(2);
  }
}
