package org.headrace.standalone.app;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.util.List;

/** Offers what the pipeline measures under {@code /metrics}. */
@ApplicationScoped
public class NodeMetrics {
  private static final int AFTER_PIPELINE = Interceptor.Priority.APPLICATION + 700;

  void register(@Observes @Priority(AFTER_PIPELINE) StartupEvent event, MeterRegistry registry) {
    for (Measure measure : Node.current().pipeline().measures()) {
      List<Tag> tags =
          measure.tags().entrySet().stream()
              .map(tag -> Tag.of(tag.getKey(), tag.getValue()))
              .toList();
      Gauge.builder(measure.name(), measure, m -> m.value().getAsDouble())
          .description(measure.description())
          .tags(tags)
          .strongReference(true)
          .register(registry);
    }
    Gauge.builder(
            "headrace.ready",
            () ->
                Node.current().conditions().stream().allMatch(c -> c.unmet().get().isEmpty())
                    ? 1
                    : 0)
        .description("1 while this process is ready for work")
        .register(registry);
  }
}
