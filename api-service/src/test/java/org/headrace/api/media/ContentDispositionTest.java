package org.headrace.api.media;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ContentDispositionTest {
  @Test
  void namesTheFileIfThereIsAName() {
    assertThat(ContentDisposition.of(true, null)).isEqualTo("inline");
    assertThat(ContentDisposition.of(false, "a b.txt"))
        .isEqualTo("attachment; filename=\"a b.txt\"");
  }

  @Test
  void encodesWhatCouldEndTheHeader() {
    assertThat(ContentDisposition.of(true, "ä\"\\%\r\nX: y"))
        .isEqualTo("inline; filename*=utf-8''%C3%A4%22%5C%25%0D%0AX%3A%20y");
  }
}
