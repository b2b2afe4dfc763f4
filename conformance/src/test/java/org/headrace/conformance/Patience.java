package org.headrace.conformance;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.headrace.conformance.client.Reply;

/** How tests bear with a server that is away for a while. */
final class Patience {
  /** Longer than what is away stays away. */
  private static final Duration RETRY_DEADLINE =
      Duration.ofMinutes(3).plusSeconds(Integer.getInteger("headrace.crash.stop", 0));

  private static final Duration SEEN_DEADLINE = Duration.ofSeconds(30);
  private static final long LOOK_MILLIS = 50;

  private Patience() {}

  /** Repeats a request, unchanged, while the server is away or still starting. */
  static Reply untilAcknowledged(Supplier<Reply> request) {
    Instant end = Instant.now().plus(RETRY_DEADLINE);
    while (true) {
      String last;
      try {
        Reply reply = request.get();
        if (reply.status() < 502 || reply.status() > 504) {
          return reply;
        }
        last = reply.toString();
      } catch (UncheckedIOException away) {
        last = away.toString();
      }
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("never acknowledged: " + last);
      }
      rest();
    }
  }

  /**
   * Waits until the condition holds or the deadline is over; what is then asserted says what is
   * missing.
   */
  static void until(BooleanSupplier condition) {
    until(condition, SEEN_DEADLINE);
  }

  static void until(BooleanSupplier condition, Duration deadline) {
    Instant end = Instant.now().plus(deadline);
    while (!condition.getAsBoolean() && Instant.now().isBefore(end)) {
      rest();
    }
  }

  private static void rest() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
