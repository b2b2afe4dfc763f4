package org.headrace.api.media;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThumbnailSizeTest {
  @ParameterizedTest
  @CsvSource({
    "32, 32, crop, 32, 32, true",
    "1, 33, crop, 96, 96, true",
    "128, 128, crop, 320, 240, true",
    "32, 32, scale, 320, 240, false",
    "320, 241, , 640, 480, false",
    "641, 1, scale, 800, 600, false",
    "99999999999, 99999999999, crop, 800, 600, true",
  })
  void isRoundedToOneOfAFew(
      String width,
      String height,
      String method,
      int roundedWidth,
      int roundedHeight,
      boolean crop) {
    assertThat(ThumbnailSize.of(width, height, method))
        .isEqualTo(new ThumbnailSize(roundedWidth, roundedHeight, crop));
  }
}
