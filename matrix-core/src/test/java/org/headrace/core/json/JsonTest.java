package org.headrace.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
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

  /** Else a hash over an event of an old room version would not outlive the log. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.0",
        "-1.0",
        "1.50",
        "1E0",
        "12e0",
        "1e-0",
        "1.0e1",
        "100.0",
        "1e2",
        "0.0",
        "0e5",
        "5e22",
        "1e16",
        "1234567890123456.0",
        "123456789012345678901.0",
        "1.5e300",
        "1e-7",
        "0.00001"
      })
  void aFloatIsStillOneAfterItWasWritten(String number) {
    JsonNode read = Json.parse(number.getBytes(StandardCharsets.UTF_8));
    JsonNode again = Json.parse(Json.bytes(read));
    assertThat(again.isFloatingPointNumber()).isTrue();
    assertThat(again).isEqualTo(read);
    assertThat(CanonicalJson.encodeLenient(again)).isEqualTo(CanonicalJson.encodeLenient(read));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e9999999999",
        "1.5e1345678901234567890",
        "-1e-99999999999",
        "1e2147483647",
        "1000e2147483645",
        "1000e2147483647",
        "1e-2147483647",
        "1e-2147483648",
        "1e2147483648",
        "0.001e-2147483647",
        "0e99999999999",
        "1.0e-2147483646"
      })
  void exponentsOfAnySizeAreReadOrRefused(String number) {
    JsonNode read;
    try {
      read = Json.parse(number.getBytes(StandardCharsets.UTF_8));
    } catch (InvalidJsonException e) {
      return;
    }
    assertThat(Json.parse(Json.bytes(read))).isEqualTo(read);
    try {
      CanonicalJson.encodeLenient(read);
      CanonicalJson.encode(read);
    } catch (InvalidJsonException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }
}
