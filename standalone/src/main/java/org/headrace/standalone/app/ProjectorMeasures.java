package org.headrace.standalone.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.headrace.projections.runner.Projector;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;

/** How far views are behind the logs, by partition. */
final class ProjectorMeasures {
  private ProjectorMeasures() {}

  static List<Measure> of(Projector projector, Partitions partitions) {
    List<Measure> measures = new ArrayList<>();
    for (Topic topic : List.of(Topic.ROOM_LOG, Topic.ACCOUNT_LOG)) {
      for (int p = 0; p < partitions.count(topic.family()); p++) {
        int partition = p;
        measures.add(
            new Measure(
                "headrace.view.lag.records",
                "records of a log that the views lack; nothing where another projector has it",
                Map.of("topic", topic.topicName(), "partition", Integer.toString(p)),
                () -> lag(projector, topic, partition)));
      }
    }
    for (Topic.Family family : Topic.Family.values()) {
      measures.add(
          new Measure(
              "headrace.view.delay.milliseconds",
              "age of the newest command when its rows were written",
              Map.of("family", family.name().toLowerCase(Locale.ROOT)),
              () -> Measure.valueOf(projector.delayMillis(family))));
    }
    return measures;
  }

  private static double lag(Projector projector, Topic topic, int partition) {
    for (Projector.Lag lag : projector.lags()) {
      if (lag.topic() == topic && lag.partition() == partition) {
        return lag.records();
      }
    }
    return Double.NaN;
  }
}
