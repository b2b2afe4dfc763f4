package org.headrace.federation.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.headrace.federation.net.ResponseHead;
import org.junit.jupiter.api.Test;

class CacheTimeTest {
  private static final String DATE = "Mon, 02 Nov 2026 10:00:00 GMT";

  @Test
  void readsExpiresByTheServersOwnClock() {
    Map<String, String> headers = Map.of("Date", DATE, "Expires", "Mon, 02 Nov 2026 13:00:00 GMT");
    assertThat(CacheTime.of(head(headers))).isEqualTo(Duration.ofHours(3));
  }

  @Test
  void whatCannotBeReadHasExpired() {
    assertThat(CacheTime.of(head(Map.of("Date", DATE, "Expires", "0"))))
        .isEqualTo(WellKnown.CACHE_MIN);
    assertThat(CacheTime.of(head(Map.of("Date", "today", "Expires", DATE))))
        .isEqualTo(WellKnown.CACHE_MIN);
  }

  @Test
  void cacheControlCountsMoreThanExpires() {
    Map<String, String> headers =
        Map.of("Date", DATE, "Expires", DATE, "Cache-Control", "private, max-age=\"600\"");
    assertThat(CacheTime.of(head(headers))).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void anUnreadableAgeCountsAsNone() {
    assertThat(CacheTime.of(head(Map.of("Cache-Control", "max-age=soon"))))
        .isEqualTo(WellKnown.CACHE_DEFAULT);
    assertThat(CacheTime.of(head(Map.of("Cache-Control", "max-age=-5"))))
        .isEqualTo(WellKnown.CACHE_MIN);
  }

  private static ResponseHead head(Map<String, String> headers) {
    return new ResponseHead() {
      @Override
      public int status() {
        return 200;
      }

      @Override
      public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
      }
    };
  }
}
