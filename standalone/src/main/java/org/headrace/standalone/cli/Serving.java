package org.headrace.standalone.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.util.concurrent.atomic.AtomicReference;

/** Runs while HTTP is served; says once that it is. */
public final class Serving implements QuarkusApplication {
  private static final AtomicReference<Runnable> READY = new AtomicReference<>(() -> {});

  /** What to do when the first request can be served. */
  static void whenReady(Runnable ready) {
    READY.set(ready);
  }

  @Override
  public int run(String... args) {
    READY.get().run();
    Quarkus.waitForExit();
    return 0;
  }
}
