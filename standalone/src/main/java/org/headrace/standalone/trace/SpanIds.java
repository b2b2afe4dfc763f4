package org.headrace.standalone.trace;

import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Random ids, but for a span whose id follows from what caused it. */
final class SpanIds implements IdGenerator {
  private static final IdGenerator RANDOM = IdGenerator.random();

  private final ThreadLocal<@Nullable String> given = new ThreadLocal<>();

  /** Starts one span, which gets this id. */
  <T> T with(String spanId, Supplier<T> start) {
    given.set(spanId);
    try {
      return start.get();
    } finally {
      given.remove();
    }
  }

  @Override
  public String generateSpanId() {
    String id = given.get();
    return id == null ? RANDOM.generateSpanId() : id;
  }

  @Override
  public String generateTraceId() {
    return RANDOM.generateTraceId();
  }
}
