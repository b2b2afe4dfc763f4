package org.headrace.ingest.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.ServerName;
import org.headrace.http.MatrixError;
import org.junit.jupiter.api.Test;

class OriginLimitsTest {
  private final OriginLimits limits = new OriginLimits();

  @Test
  void oneOriginHasFewPlacesAndGetsThemBack() {
    ServerName greedy = new ServerName("greedy.test");
    List<OriginLimits.Place> places = new ArrayList<>();
    for (int i = 0; i < OriginLimits.TRANSACTIONS_PER_ORIGIN_MAX; i++) {
      places.add(limits.enter(greedy));
    }
    refused(greedy);
    limits.enter(new ServerName("other.test")).close();
    places.removeLast().close();
    limits.enter(greedy);
    refused(greedy);
  }

  @Test
  void allTogetherHaveALimit() {
    int entered = 0;
    for (int i = 0; entered < OriginLimits.TRANSACTIONS_MAX; i++, entered++) {
      limits.enter(new ServerName("server" + i + ".test"));
    }
    refused(new ServerName("late.test"));
  }

  private void refused(ServerName origin) {
    assertThatThrownBy(() -> limits.enter(origin))
        .isInstanceOfSatisfying(
            MatrixError.class,
            error -> {
              assertThat(error.status()).isEqualTo(429);
              assertThat(error.body().path("retry_after_ms").asLong()).isPositive();
            });
  }
}
