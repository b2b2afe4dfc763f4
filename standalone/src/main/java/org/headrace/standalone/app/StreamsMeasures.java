package org.headrace.standalone.app;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.headrace.topology.app.TopologyApp;

/** Of all that Kafka Streams measures, what tells how a topology fares. */
final class StreamsMeasures {
  private static final String THREADS = "stream-thread-metrics";

  private StreamsMeasures() {}

  static List<Measure> of(String topology, TopologyApp app) {
    Map<String, String> tags = Map.of("topology", topology);
    return List.of(
        new Measure(
            "headrace.topology.running",
            "1 while all tasks of this process run",
            tags,
            () -> app.isRunning() ? 1 : 0),
        new Measure(
            "headrace.topology.commands.per.second",
            "commands decided",
            tags,
            () -> sum(app, THREADS, "process-rate")),
        new Measure(
            "headrace.topology.decision.milliseconds",
            "average time to decide a command and hand over what it yields",
            tags,
            () -> max(app, THREADS, "process-latency-avg")));
  }

  private static double sum(TopologyApp app, String group, String name) {
    double sum = 0;
    for (var metric : app.metrics().entrySet()) {
      sum += value(metric, group, name, 0);
    }
    return sum;
  }

  private static double max(TopologyApp app, String group, String name) {
    double max = Double.NaN;
    for (var metric : app.metrics().entrySet()) {
      double value = value(metric, group, name, Double.NaN);
      max = Double.isNaN(max) || value > max ? value : max;
    }
    return max;
  }

  private static double value(
      Map.Entry<MetricName, ? extends Metric> metric, String group, String name, double otherwise) {
    boolean wanted = metric.getKey().group().equals(group) && metric.getKey().name().equals(name);
    return wanted && metric.getValue().metricValue() instanceof Double value && !value.isNaN()
        ? value
        : otherwise;
  }
}
