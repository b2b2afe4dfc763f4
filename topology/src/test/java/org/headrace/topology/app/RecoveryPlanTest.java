package org.headrace.topology.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.headrace.schema.log.Position;
import org.junit.jupiter.api.Test;

/** Commands 0 to 9 were decided unless a test says otherwise. */
class RecoveryPlanTest {
  @Test
  void firstStartNeedsNothingButItsFirstOffset() {
    RecoveryPlan plan = plan(0, null, Position.NONE, true, -1, null, -1);
    assertThat(plan.from()).isZero();
    assertThat(plan.rewound()).isFalse();
    assertThat(plan.restoreLocal()).isFalse();
  }

  @Test
  void cleanStopNeedsNothing() {
    assertNothing(plan(10, 10L, at(9), true, 9, null, 9), 10);
  }

  @Test
  void killNeedsNothingWhenLogAndStoreAreAheadOfTheCommit() {
    assertNothing(plan(10, 6L, at(9), true, 8, null, 9), 6);
  }

  @Test
  void lostOutputsAreDecidedAgain() {
    RecoveryPlan plan = plan(10, 10L, at(4), true, 9, null, 9);
    assertThat(plan.from()).isEqualTo(5);
    assertThat(plan.rewound()).isTrue();
    assertThat(plan.padOrdinals()).isEmpty();
    assertThat(plan.keepUpTo()).isNull();
  }

  @Test
  void halfOfACommandsRecordsIsNotEnough() {
    assertThat(plan(10, 10L, at(4), false, 9, null, 9).from()).isEqualTo(4);
  }

  @Test
  void lostChangelogIsWrittenAgainAndTheLocalStoreRestored() {
    RecoveryPlan plan = plan(10, 10L, at(9), true, 3, null, 9);
    assertThat(plan.from()).isEqualTo(4);
    assertThat(plan.restoreLocal()).isTrue();
  }

  @Test
  void lostBodiesAreSentAgain() {
    assertThat(plan(10, 10L, at(9), true, 9, 7L, 9).from()).isEqualTo(7);
  }

  @Test
  void lostCommandsThatTheLogHasArePassedWithoutARecord() {
    RecoveryPlan plan = plan(6, 10L, at(9), true, 9, null, 9);
    assertThat(plan.from()).isEqualTo(6);
    assertThat(plan.padOrdinals()).isEqualTo(List.of(-1, -1, -1, -1));
    // Pads bring it back from the log.
    assertThat(plan.keepUpTo()).isEqualTo(5);
  }

  @Test
  void lostCommandsWithLostOutputsArePaddedAndTakenOutOfTheStore() {
    RecoveryPlan plan = plan(6, 10L, at(7), true, 9, null, 8);
    assertThat(plan.from()).isEqualTo(6);
    assertThat(plan.padOrdinals()).isEqualTo(List.of(-1, -1, 0, 0));
    assertThat(plan.keepUpTo()).isEqualTo(5);
    assertThat(plan.restoreLocal()).isTrue();
  }

  @Test
  void outputsAreMadeAgainBeforeThePads() {
    RecoveryPlan plan = plan(8, 10L, at(5), true, 9, null, 9);
    assertThat(plan.from()).isEqualTo(6);
    assertThat(plan.padOrdinals()).isEqualTo(List.of(0, 0));
    assertThat(plan.keepUpTo()).isEqualTo(7);
  }

  @Test
  void halfOfALostCommandsRecordsIsCompletedByItsPad() {
    RecoveryPlan plan = plan(6, 10L, Position.of(0, 7, 2), false, 9, null, 9);
    assertThat(plan.padOrdinals()).isEqualTo(List.of(-1, 3, 0, 0));
    assertThat(plan.keepUpTo()).isEqualTo(5);
  }

  @Test
  void whatOnlyAReaderHasSeenIsNotUsedAgain() {
    assertThat(plan(6, 6L, at(5), true, 5, null, 8).padOrdinals()).isEqualTo(List.of(0, 0, 0));
  }

  @Test
  void whatWasWrittenOfALostCommandInPartIsTakenOut() {
    RecoveryPlan plan =
        RecoveryPlan.of(new RecoveryPlan.Found(0, 10, 9L, at(9), true, store(9, 10), null, 9));
    assertThat(plan.padOrdinals()).isEqualTo(List.of(0));
    assertThat(plan.keepUpTo()).isEqualTo(9);
    assertThat(plan.restoreLocal()).isTrue();
  }

  @Test
  void whatWasTakenOutAndCameBackIsTakenOutAgain() {
    // 6 to 9 were lost, and padded; then the changelog lost the end that said so.
    var store = new RecoveryPlan.Store(9, 9, Position.NONE, 6L);
    RecoveryPlan plan =
        RecoveryPlan.of(new RecoveryPlan.Found(0, 12, 12L, at(11), true, store, null, 11));
    assertThat(plan.from()).isEqualTo(6);
    assertThat(plan.keepUpTo()).isEqualTo(5);
    assertThat(plan.padOrdinals()).isEmpty();
  }

  @Test
  void aStoreThatNoLongerHoldsWhatTheNextCommandSeesIsRebuilt() {
    var store = new RecoveryPlan.Store(9, 9, at(5), null);
    RecoveryPlan plan =
        RecoveryPlan.of(new RecoveryPlan.Found(0, 10, 10L, at(4), true, store, null, 9));
    assertThat(plan.from()).isEqualTo(5);
    assertThat(plan.rebuild()).isTrue();
    assertThat(plan.restoreLocal()).isTrue();
    RecoveryPlan later =
        RecoveryPlan.of(new RecoveryPlan.Found(0, 10, 10L, at(5), true, store, null, 9));
    assertThat(later.from()).isEqualTo(6);
    assertThat(later.rebuild()).isFalse();
  }

  @Test
  void aStoreThatIsGoneWithTheCommandsThatMadeItIsRebuilt() {
    RecoveryPlan plan =
        RecoveryPlan.of(new RecoveryPlan.Found(4, 10, 10L, at(9), true, store(-1, -1), null, 9));
    assertThat(plan.from()).isEqualTo(4);
    assertThat(plan.rebuild()).isTrue();
  }

  private static RecoveryPlan.Store store(long progress, long begun) {
    return new RecoveryPlan.Store(progress, begun, Position.NONE, null);
  }

  private static void assertNothing(RecoveryPlan plan, long from) {
    assertThat(plan).isEqualTo(new RecoveryPlan(from, false, List.of(), null, false));
  }

  private static Position at(long offset) {
    return Position.ofOffset(offset);
  }

  private static RecoveryPlan plan(
      long commandsEnd,
      Long committed,
      Position logLast,
      boolean whole,
      long storeOffset,
      Long besideMissingFrom,
      long shown) {
    return RecoveryPlan.of(
        new RecoveryPlan.Found(
            0,
            commandsEnd,
            committed,
            logLast,
            whole,
            store(storeOffset, storeOffset),
            besideMissingFrom,
            shown));
  }
}
