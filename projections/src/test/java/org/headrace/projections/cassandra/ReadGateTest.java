package org.headrace.projections.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.headrace.projections.view.ViewsUnavailableException;
import org.junit.jupiter.api.Test;

class ReadGateTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final AtomicLong nanos = new AtomicLong();
  private ReadGate gate = new ReadGate(nanos::get);

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

  /** Of what answers in seconds, no try would be answered in time. */
  @Test
  void theLateAnswerOfOneThatTriesOpensIt() {
    gate = new ReadGate(nanos::get, Duration.ofMillis(10));
    waitInVain();
    later(ReadGate.PAUSE);
    CountDownLatch answer = new CountDownLatch(1);
    assertThatThrownBy(() -> gate.read(() -> awaited(answer)))
        .isInstanceOf(ViewsUnavailableException.class);
    shut();
    answer.countDown();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (isShut()) {
      assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
      Thread.onSpinWait();
    }
    assertThat(gate.read(() -> "read")).isEqualTo("read");
  }

  /** Its late failure neither shuts what was opened meanwhile nor lets two try at once. */
  @Test
  void theLateFailureOfOneThatTriesChangesNothing() {
    waitInVain();
    later(ReadGate.PAUSE);
    ReadGate.Read first = gate.begin();
    later(ReadGate.PATIENCE);
    gate.failed(first);
    later(ReadGate.PAUSE);
    ReadGate.Read second = gate.begin();
    later(ReadGate.PATIENCE);
    gate.failed(first);
    later(ReadGate.PAUSE);
    shut();
    gate.answered(second);
    gate.failed(first);
    assertThat(gate.begin().tries()).isFalse();
  }

  /** It was answered in time by another. */
  @Test
  void anAnswerBesideOneThatTriesKeepsItOpen() {
    ReadGate.Read slow = gate.begin();
    waitInVain();
    later(ReadGate.PAUSE);
    ReadGate.Read tries = gate.begin();
    later(ReadGate.PATIENCE);
    gate.answered(slow);
    gate.failed(tries);
    assertThat(gate.begin().tries()).isFalse();
  }

  @Test
  void oneThatTriesIsAnsweredOrFailsAsAnyOther() {
    waitInVain();
    later(ReadGate.PAUSE);
    assertThatThrownBy(
            () ->
                gate.read(
                    () -> {
                      throw new ViewsUnavailableException("no node", null);
                    }))
        .hasMessage("no node");
    shut();
    later(ReadGate.PAUSE);
    assertThat(gate.read(() -> "read")).isEqualTo("read");
    assertThat(gate.begin().tries()).isFalse();
  }

  private static String awaited(CountDownLatch answer) {
    try {
      answer.await();
      return "read";
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean isShut() {
    try {
      gate.answered(gate.begin());
      return false;
    } catch (ViewsUnavailableException e) {
      return true;
    }
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
    nanos.addAndGet(duration.toNanos());
  }
}
