package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** Collects what checks find, so that one finding does not hide the next. */
final class Violations {
  private final List<String> found = new ArrayList<>();

  void check(Runnable check) {
    try {
      check.run();
    } catch (AssertionError | RuntimeException e) {
      found.add(e.toString());
    }
  }

  int count() {
    return found.size();
  }

  /** Fails if anything was found. */
  void failIfAny(String context) {
    assertThat(found).as(context).isEmpty();
  }
}
