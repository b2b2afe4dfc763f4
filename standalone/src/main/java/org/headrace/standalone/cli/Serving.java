package org.headrace.standalone.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;

/** Runs while HTTP is served; says once that it is. */
public final class Serving implements QuarkusApplication {
  private static volatile Runnable whenReady = () -> {};

  /** What to do when the first request can be served. */
  static void whenReady(Runnable ready) {
    whenReady = ready;
  }

  @Override
  public int run(String... args) {
    whenReady.run();
    Quarkus.waitForExit();
    return 0;
  }
}
