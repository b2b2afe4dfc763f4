package org.headrace.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private final AtomicLong now = new AtomicLong(1_000);
  private final RateLimit limit = new RateLimit(2, Duration.ofMillis(100), now::get);

  @Test
  void allowsABurstThenOneEachRefill() {
    limit.take("a");
    limit.take("a");
    assertThatThrownBy(() -> limit.take("a"))
        .isInstanceOfSatisfying(
            MatrixError.class,
            error -> {
              assertThat(error.status()).isEqualTo(429);
              assertThat(error.body().path("retry_after_ms").asLong()).isEqualTo(100);
            });
    now.addAndGet(100);
    limit.take("a");
    assertThatThrownBy(() -> limit.take("a")).isInstanceOf(MatrixError.class);
    now.addAndGet(10_000);
    limit.take("a");
    limit.take("a");
    assertThatThrownBy(() -> limit.take("a")).isInstanceOf(MatrixError.class);
  }

  @Test
  void countsEachKeyAlone() {
    limit.take("a");
    limit.take("a");
    assertThatCode(() -> limit.take("b")).doesNotThrowAnyException();
  }

  @Test
  void triesWithoutAnError() {
    assertThat(limit.tryTake("a")).isTrue();
    assertThat(limit.tryTake("a")).isTrue();
    assertThat(limit.tryTake("a")).isFalse();
    now.addAndGet(100);
    assertThat(limit.tryTake("a")).isTrue();
  }

  @Test
  void requireTakesNothing() {
    for (int i = 0; i < 10; i++) {
      limit.require("a");
    }
    limit.spend("a");
    limit.spend("a");
    assertThatThrownBy(() -> limit.require("a")).isInstanceOf(MatrixError.class);
  }
}
