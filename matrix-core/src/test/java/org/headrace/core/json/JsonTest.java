package org.headrace.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"a\":1}x",
        "{\"a\":1,\"a\":2}",
        "{'a':1}",
        "{a:1}",
        "[1,]",
        "NaN",
        "[01]",
        "[+1]",
        "// c\n{}",
        "\"\u0001\"",
        "\"\\x\""
      })
  void refusesWhatIsNotStrictJson(String text) {
    assertThatThrownBy(() -> Json.parse(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(InvalidJsonException.class);
  }

  @Test
  void refusesDeepNestingAndLongNumbers() {
    int max = Json.DEPTH_MAX;
    byte[] deep = ("[".repeat(max) + "]".repeat(max)).getBytes(StandardCharsets.UTF_8);
    assertThat(Json.parse(deep).isArray()).isTrue();
    byte[] deeper = ("[".repeat(max + 1) + "]".repeat(max + 1)).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.parse(deeper)).isInstanceOf(InvalidJsonException.class);
    byte[] bomb = ("[".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.parse(bomb)).isInstanceOf(InvalidJsonException.class);
    byte[] number = ("1".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.parse(number)).isInstanceOf(InvalidJsonException.class);
  }

  @Test
  void refusesBytesThatAreNoText() {
    for (byte[] bytes :
        new byte[][] {
          {'"', (byte) 0xff, '"'},
          {'"', (byte) 0xc0, (byte) 0x80, '"'},
          {'"', (byte) 0xe6, '"'},
          {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
          {'"', (byte) 0xf7, (byte) 0xbf, (byte) 0xbf, (byte) 0xbf, '"'}
        }) {
      assertThatThrownBy(() -> Json.parse(bytes)).isInstanceOf(InvalidJsonException.class);
    }
  }

  @Test
  void keepsMemberOrderAndLargeIntegers() {
    String text = "{\"b\":123456789012345678901234567890,\"a\":1.5}";
    assertThat(
            new String(
                Json.bytes(Json.parse(text.getBytes(StandardCharsets.UTF_8))),
                StandardCharsets.UTF_8))
        .isEqualTo(text);
  }
}
