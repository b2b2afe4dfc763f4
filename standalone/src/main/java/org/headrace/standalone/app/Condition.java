package org.headrace.standalone.app;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Something that must hold for a process to be ready, or, if it is {@code vital}, to be left alive.
 *
 * @param unmet why it does not hold, in a few words; empty if it does
 * @param vital whether only a new process can help where it does not hold
 */
public record Condition(String name, Supplier<Optional<String>> unmet, boolean vital) {
  static Condition ready(String name, BooleanSupplier holds, String otherwise) {
    return new Condition(
        name, () -> holds.getAsBoolean() ? Optional.empty() : Optional.of(otherwise), false);
  }

  static Condition vital(String name, BooleanSupplier holds, String otherwise) {
    return new Condition(
        name, () -> holds.getAsBoolean() ? Optional.empty() : Optional.of(otherwise), true);
  }
}
