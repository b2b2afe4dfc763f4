package org.headrace.standalone.app;

import java.util.Map;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;

/**
 * A value that can be looked at any time; NaN while there is none.
 *
 * @param name as Micrometer wants it: words with dots
 */
public record Measure(
    String name, String description, Map<String, String> tags, DoubleSupplier value) {
  /** NaN where there is none. */
  static double valueOf(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : Double.NaN;
  }
}
