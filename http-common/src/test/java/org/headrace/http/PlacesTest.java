package org.headrace.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PlacesTest {
  private final Places places = new Places(3, 2);

  private void assertNone(String key) {
    assertThatThrownBy(() -> places.take(key, Duration.ZERO))
        .isInstanceOfSatisfying(
            MatrixError.class, error -> assertThat(error.status()).isEqualTo(429));
  }

  @Test
  void areBoundedForEachAndForAll() {
    Places.Place first = places.take("a", Duration.ZERO);
    places.take("a", Duration.ZERO);
    assertNone("a");
    Places.Place other = places.take("b", Duration.ZERO);
    assertNone("c");
    first.close();
    places.take("c", Duration.ZERO);
    assertNone("b");
    other.close();
    places.take("a", Duration.ZERO);
    assertNone("a");
  }

  @Test
  void areWaitedFor() {
    Places.Place first = places.take("a", Duration.ZERO);
    places.take("a", Duration.ZERO);
    CompletableFuture<Places.Place> waiting =
        CompletableFuture.supplyAsync(() -> places.take("a", Duration.ofDays(1)));
    first.close();
    waiting.join().close();
  }
}
