package org.headrace.projections.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.headrace.projections.view.ViewsUnavailableException;
import org.junit.jupiter.api.Test;

/** How long those wait who read from a Cassandra that is not there. */
class AwayIT {
  private static final Duration AT_ONCE = Duration.ofMillis(500);

  @Test
  void ofANodeThatIsSilentOnlyTheFirstWaitLong() throws Exception {
    try (Relay relay = new Relay(address());
        CassandraViews views = through(relay)) {
      read(views);
      relay.setSilent(true);
      assertThat(failsAfter(views)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
      Duration all = Duration.ZERO;
      for (int i = 0; i < 1_000; i++) {
        all = all.plus(failsAfter(views));
      }
      assertThat(all).as("of a thousand reads").isLessThan(Duration.ofSeconds(4));
      relay.setSilent(false);
      awaitAnswer(views);
    }
  }

  /** It is slower than a read that tries is waited for, and quicker than others are. */
  @Test
  void aNodeThatIsSlowIsReadAgain() throws Exception {
    try (Relay relay = new Relay(address());
        CassandraViews views = through(relay)) {
      read(views);
      relay.setSilent(true);
      assertThat(failsAfter(views)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
      relay.setDelay(Duration.ofMillis(750));
      relay.setSilent(false);
      awaitAnswer(views);
      long begun = System.nanoTime();
      read(views);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(ReadGate.PATIENCE);
    }
  }

  @Test
  void ofANodeThatHasGoneNobodyWaits() throws Exception {
    try (Relay relay = new Relay(address());
        CassandraViews views = through(relay)) {
      read(views);
      relay.close();
      for (int i = 0; i < 10; i++) {
        assertThat(failsAfter(views)).isLessThan(AT_ONCE);
      }
    }
  }

  private static java.net.InetSocketAddress address() {
    CassandraViews unused = CassandraUnderTest.views();
    return CassandraUnderTest.settings("headrace_contract").contactPoints().getFirst();
  }

  private static CassandraViews through(Relay relay) {
    return CassandraViews.open(
        CassandraSettings.of(List.of(relay.address()), "datacenter1", "headrace_contract"));
  }

  private static void read(CassandraViews views) {
    assertThat(views.accounts().session("none")).isEmpty();
  }

  private static Duration failsAfter(CassandraViews views) {
    long begun = System.nanoTime();
    assertThatThrownBy(() -> read(views)).isInstanceOf(ViewsUnavailableException.class);
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static void awaitAnswer(CassandraViews views) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (true) {
      try {
        read(views);
        return;
      } catch (ViewsUnavailableException e) {
        assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }
  }
}
