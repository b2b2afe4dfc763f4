package org.headrace.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spec appendices, "Unpadded Base64". */
class UnpaddedBase64Test {
  @ParameterizedTest
  @CsvSource({"'', ''", "f, Zg", "fo, Zm8", "foo, Zm9v", "foob, Zm9vYg", "fooba, Zm9vYmE"})
  void encodesWithoutPadding(String text, String expected) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    assertThat(UnpaddedBase64.encode(bytes)).isEqualTo(expected);
    assertThat(UnpaddedBase64.decode(expected)).isEqualTo(bytes);
  }

  @Test
  void decodesPaddingAndBothAlphabets() {
    byte[] bytes = {(byte) 0xfb, (byte) 0xff};
    assertThat(UnpaddedBase64.encode(bytes)).isEqualTo("+/8");
    assertThat(UnpaddedBase64.encodeUrlSafe(bytes)).isEqualTo("-_8");
    assertThat(UnpaddedBase64.decode("+/8=")).isEqualTo(bytes);
    assertThat(UnpaddedBase64.decode("-_8")).isEqualTo(bytes);
  }

  @Test
  void refusesWhatIsNoBase64() {
    assertThatThrownBy(() -> UnpaddedBase64.decode("a b")).isInstanceOf(InvalidJsonException.class);
    assertThatThrownBy(() -> UnpaddedBase64.decode("a")).isInstanceOf(InvalidJsonException.class);
  }
}
