package org.headrace.ingest.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.headrace.projections.view.ViewsUnavailableException;
import org.junit.jupiter.api.Test;

class LatelyTest {
  private long nanos;
  private final Lately<String, String> lately = new Lately<>(2, () -> nanos);

  @Test
  void theViewIsAskedAsLongAsItAnswers() {
    lately.put("a", "kept");
    assertThat(lately.read("a", () -> "shown")).isEqualTo("shown");
    assertThat(away("a")).isEqualTo("shown");
    lately.put("a", "told");
    assertThat(away("a")).isEqualTo("told");
  }

  @Test
  void standsInForAnHour() {
    lately.put("a", "kept");
    nanos += Lately.AGE_MAX.toNanos();
    assertThat(away("a")).isEqualTo("kept");
    nanos++;
    unknown("a");
  }

  @Test
  void theOneLongestUnusedIsForgottenFirst() {
    lately.put("a", "1");
    lately.put("b", "2");
    assertThat(away("a")).isEqualTo("1");
    lately.put("c", "3");
    unknown("b");
    assertThat(away("a")).isEqualTo("1");
  }

  private String away(String key) {
    return lately.read(
        key,
        () -> {
          throw new ViewsUnavailableException("away", null);
        });
  }

  private void unknown(String key) {
    assertThatThrownBy(() -> away(key)).isInstanceOf(ViewsUnavailableException.class);
  }
}
