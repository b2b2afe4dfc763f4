package org.headrace.standalone.app;

import java.util.List;
import java.util.Map;
import org.headrace.log.publish.Outcomes;
import org.headrace.log.ticks.TickReader;

/** How those fare who wait for ticks: writes for their decision, long polls for news. */
final class TickMeasures {
  private TickMeasures() {}

  static List<Measure> of(TickReader ticks, Outcomes outcomes) {
    return List.of(
        new Measure(
            "headrace.commands.waiting",
            "requests that wait for the outcome of a command",
            Map.of(),
            outcomes::waitingCount),
        new Measure(
            "headrace.decision.delay.milliseconds",
            "age of the newest decision's command when the decision was read here",
            Map.of(),
            () -> Measure.valueOf(ticks.decisionDelayMillis())),
        new Measure(
            "headrace.wakeup.delay.milliseconds",
            "from rows that are written to long polls that are woken here",
            Map.of(),
            () -> Measure.valueOf(ticks.wakeupDelayMillis())));
  }
}
