package org.headrace.topology.app;

import java.util.List;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** What recovery would do to one partition, for a world that has no Kafka. */
public final class Plans {
  private Plans() {}

  /** See {@code RecoveryPlan}. */
  public record Plan(long from, List<Integer> padOrdinals, @Nullable Long keepUpTo) {}

  /** See {@code RecoveryPlan.Found}. */
  public static Plan of(
      long commandsEnd,
      long committed,
      Position logLast,
      boolean logLastIsWhole,
      long storeOffset,
      long storeWritten,
      @Nullable Long besideMissingFrom,
      long shownOffset) {
    RecoveryPlan plan =
        RecoveryPlan.of(
            new RecoveryPlan.Found(
                commandsEnd,
                committed,
                logLast,
                logLastIsWhole,
                storeOffset,
                storeWritten,
                besideMissingFrom,
                shownOffset));
    return new Plan(plan.from(), plan.padOrdinals(), plan.keepUpTo());
  }
}
