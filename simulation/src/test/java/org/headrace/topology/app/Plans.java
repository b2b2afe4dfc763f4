package org.headrace.topology.app;

import java.util.List;
import org.headrace.schema.log.Position;
import org.headrace.topology.store.ChangelogTail.Begun;
import org.headrace.topology.store.ChangelogTail.Progress;
import org.jspecify.annotations.Nullable;

/** What recovery would do to one partition, for a world that has no Kafka. */
public final class Plans {
  private Plans() {}

  /** See {@code RecoveryPlan}. */
  public record Plan(
      long from,
      List<Integer> padOrdinals,
      @Nullable Long keepUpTo,
      boolean rebuild,
      boolean restoreLocal) {}

  /** See {@code RecoveryPlan.Found}. */
  public static Plan of(
      long commandsEnd,
      long committed,
      Position logLast,
      boolean logLastIsWhole,
      Progress progress,
      Begun begun,
      @Nullable Long paddedFrom,
      @Nullable Long besideMissingFrom,
      long shownOffset) {
    RecoveryPlan plan =
        RecoveryPlan.of(
            new RecoveryPlan.Found(
                0,
                commandsEnd,
                committed,
                logLast,
                logLastIsWhole,
                new RecoveryPlan.Store(
                    RecoveryPlan.offset(progress.position()),
                    RecoveryPlan.offset(begun.position()),
                    begun.floor(),
                    paddedFrom),
                besideMissingFrom,
                shownOffset));
    return new Plan(
        plan.from(), plan.padOrdinals(), plan.keepUpTo(), plan.rebuild(), plan.restoreLocal());
  }
}
