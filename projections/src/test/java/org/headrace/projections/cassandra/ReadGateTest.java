package org.headrace.projections.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.headrace.projections.view.ViewsUnavailableException;
import org.junit.jupiter.api.Test;

class ReadGateTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private long nanos;
  private final ReadGate gate = new ReadGate(() -> nanos);

  @Test
  void whatFailsAtOnceClosesNothing() {
    gate.failed(gate.begin());
    gate.failed(gate.begin());
    assertThat(gate.begin().tries()).isFalse();
  }

  @Test
  void oneThatWaitedInVainClosesIt() {
    waitInVain();
    shut();
  }

  @Test
  void oneSlowReadAmongOthersThatAreAnsweredDoesNot() {
    ReadGate.Read slow = gate.begin();
    later(Duration.ofSeconds(4));
    gate.answered(gate.begin());
    later(Duration.ofSeconds(1));
    gate.failed(slow);
    assertThat(gate.begin().tries()).isFalse();
  }

  @Test
  void oneAtATimeTriesUntilOneIsAnswered() {
    waitInVain();
    later(ReadGate.PAUSE);
    ReadGate.Read tries = gate.begin();
    assertThat(tries.tries()).isTrue();
    later(ReadGate.PAUSE);
    shut();
    gate.failed(tries);
    shut();
    later(ReadGate.PAUSE);
    ReadGate.Read again = gate.begin();
    gate.answered(again);
    assertThat(gate.begin().tries()).isFalse();
  }

  /** Those that began before the silence was noticed, and fail one after the other. */
  @Test
  void thoseUnderWayDelayNoTry() {
    ReadGate.Read first = gate.begin();
    ReadGate.Read second = gate.begin();
    later(TIMEOUT);
    gate.failed(first);
    later(ReadGate.PAUSE);
    gate.failed(second);
    assertThat(gate.begin().tries()).isTrue();
  }

  @Test
  void aLateAnswerOpensIt() {
    ReadGate.Read slow = gate.begin();
    waitInVain();
    shut();
    gate.answered(slow);
    assertThat(gate.begin().tries()).isFalse();
  }

  private void waitInVain() {
    ReadGate.Read read = gate.begin();
    later(TIMEOUT);
    gate.failed(read);
  }

  private void shut() {
    assertThatThrownBy(gate::begin).isInstanceOf(ViewsUnavailableException.class);
  }

  private void later(Duration duration) {
    nanos += duration.toNanos();
  }
}
