package org.headrace.ingest.effects;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The time between attempts: each pause is several times as long as the one before. */
@ApplicationScoped
public class Pauses {
  private static final int GROWTH = 4;

  private final long firstMillis;

  @Inject
  public Pauses(
      @ConfigProperty(name = "headrace.effects.first-pause-millis", defaultValue = "1000")
          long firstMillis) {
    this.firstMillis = firstMillis;
  }

  /** Waits before the attempt with this number; the first is 0 and waits for nothing. */
  public void before(int attempt) throws InterruptedException {
    if (attempt > 0) {
      Thread.sleep(firstMillis * (long) Math.pow(GROWTH, attempt - 1));
    }
  }
}
