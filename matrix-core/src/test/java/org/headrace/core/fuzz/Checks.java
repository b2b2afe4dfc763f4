package org.headrace.core.fuzz;

import java.util.Objects;

/** Assertions without a library, so that the fuzzer spends its time on the code. */
final class Checks {
  private Checks() {}

  static void that(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }

  static void equal(Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) {
      throw new AssertionError("expected " + expected + " but was " + actual);
    }
  }
}
