package org.headrace.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.headrace.core.fixture.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Spec appendices, "Canonical JSON", examples. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | {}",
        "{ \"one\": 1, \"two\": \"Two\" } | {\"one\":1,\"two\":\"Two\"}",
        "{ \"b\": \"2\", \"a\": \"1\" } | {\"a\":\"1\",\"b\":\"2\"}",
        "{\"auth\":{\"success\":true,\"mxid\":\"@john.doe:example.com\",\"profile\":"
            + "{\"display_name\":\"John Doe\",\"three_pids\":[{\"medium\":\"email\",\"address\":"
            + "\"john.doe@example.org\"},{\"medium\":\"msisdn\",\"address\":\"123456789\"}]}}} | "
            + "{\"auth\":{\"mxid\":\"@john.doe:example.com\",\"profile\":{\"display_name\":"
            + "\"John Doe\",\"three_pids\":[{\"address\":\"john.doe@example.org\",\"medium\":"
            + "\"email\"},{\"address\":\"123456789\",\"medium\":\"msisdn\"}]},\"success\":true}}",
        "{ \"a\": \"日本語\" } | {\"a\":\"日本語\"}",
        "{ \"本\": 2, \"日\": 1 } | {\"日\":1,\"本\":2}",
        "{ \"a\": \"\\u65E5\" } | {\"a\":\"日\"}",
        "{ \"a\": null } | {\"a\":null}",
        "{ \"a\": -0, \"b\": 1e10 } | {\"a\":0,\"b\":10000000000}"
      })
  void encodesTheExamplesOfTheSpecification(String input, String expected) {
    assertThat(encode(input)).isEqualTo(expected);
  }

  @Test
  void sortsByCodePointNotByUtf16Unit() {
    ObjectNode object = Json.object();
    object.put("\uD83D\uDE00", 1);
    object.put("\uFF5E", 2);
    object.put("a", 3);
    assertThat(new String(CanonicalJson.encode(object), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":3,\"\uFF5E\":2,\"\uD83D\uDE00\":1}");
  }

  @Test
  void escapesAsShortAsTheGrammarAllows() {
    String all = "\u0000\u0007\b\t\n\u000b\f\r\u001f \"\\/\u007f\u2028";
    assertThat(new String(CanonicalJson.encode(new TextNode(all)), StandardCharsets.UTF_8))
        .isEqualTo("\"\\u0000\\u0007\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\u007f\u2028\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1.5}",
        "{\"a\":9007199254740992}",
        "{\"a\":-9007199254740992}",
        "[1e16]",
        "[1e400]",
        "{\"a\":[{\"b\":0.1}]}",
        "[123456789012345678901234567890]",
        "[-9223372036854775808]",
        "[\"\\ud800\"]",
        "[\"\\udc00\\ud800\"]",
        "{\"\\ud800x\":1}"
      })
  void refusesWhatIsNotCanonical(String input) {
    assertThatThrownBy(() -> encode(input)).isInstanceOf(InvalidJsonException.class);
    assertThatThrownBy(() -> CanonicalJson.requireCanonical(parse(input)))
        .isInstanceOf(InvalidJsonException.class);
  }

  @Test
  void requireCanonicalRefusesExponentsThatEncodeNormalises() {
    assertThatThrownBy(() -> CanonicalJson.requireCanonical(parse("[1e10]")))
        .isInstanceOf(InvalidJsonException.class);
    assertThatCode(
            () -> CanonicalJson.requireCanonical(parse("[9007199254740991,-9007199254740991]")))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "1.0, 1.0",
    "50.57, 50.57",
    "1e10, 10000000000.0",
    "1e15, 1000000000000000.0",
    "1e16, 1e+16",
    "1.25e-5, 1.25e-05",
    "0.0001, 0.0001",
    "-1.5e300, -1.5e+300",
    "0.1, 0.1",
    "12345678901234567890123, 12345678901234567890123"
  })
  void writesOldRoomsNumbersAsTheirServersDid(String input, String expected) {
    assertThat(
            new String(
                CanonicalJson.encodeLenient(parse("[" + input + "]")), StandardCharsets.UTF_8))
        .isEqualTo("[" + expected + "]");
  }

  @Test
  void roundTripsAndDoesNotDependOnMemberOrder() {
    Seeds.check(
        100,
        random -> {
          JsonNode value = randomJson(random, 4);
          byte[] encoded = CanonicalJson.encode(value);
          assertThat(Json.parse(encoded)).isEqualTo(value);
          assertThat(CanonicalJson.encode(Json.parse(encoded))).isEqualTo(encoded);
          assertThat(CanonicalJson.encode(shuffled(value, random))).isEqualTo(encoded);
          assertThat(CanonicalJson.encodeLenient(value)).isEqualTo(encoded);
          CanonicalJson.requireCanonical(value);
        });
  }

  private static JsonNode randomJson(RandomGenerator random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> integer(random.nextInt(-100, 100));
      case 3 -> integer(random.nextLong(-CanonicalJson.INTEGER_MAX, CanonicalJson.INTEGER_MAX));
      case 4, 5 -> NODES.textNode(randomText(random));
      case 6 -> {
        ArrayNode array = NODES.arrayNode();
        for (int i = random.nextInt(5); i > 0; i--) {
          array.add(randomJson(random, depth - 1));
        }
        yield array;
      }
      default -> {
        ObjectNode object = NODES.objectNode();
        for (int i = random.nextInt(6); i > 0; i--) {
          object.set(randomText(random), randomJson(random, depth - 1));
        }
        yield object;
      }
    };
  }

  /** As the parser would make it: an int node where it fits. */
  private static JsonNode integer(long value) {
    return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
  }

  private static String randomText(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      int codePoint =
          switch (random.nextInt(4)) {
            case 0 -> random.nextInt(0x20);
            case 1 -> random.nextInt(0x20, 0x80);
            case 2 -> random.nextInt(0xE000, 0x10000);
            default -> random.nextInt(0x10000, 0x110000);
          };
      text.appendCodePoint(codePoint);
    }
    return text.toString();
  }

  private static JsonNode shuffled(JsonNode value, RandomGenerator random) {
    if (value.isArray()) {
      ArrayNode array = NODES.arrayNode();
      value.forEach(entry -> array.add(shuffled(entry, random)));
      return array;
    }
    if (!value.isObject()) {
      return value;
    }
    List<String> names = new ArrayList<>();
    value.fieldNames().forEachRemaining(names::add);
    Collections.shuffle(names, new Random(random.nextLong()));
    ObjectNode object = NODES.objectNode();
    names.forEach(name -> object.set(name, shuffled(value.get(name), random)));
    return object;
  }

  private static String encode(String input) {
    return new String(CanonicalJson.encode(parse(input)), StandardCharsets.UTF_8);
  }

  private static JsonNode parse(String input) {
    return Json.parse(input.getBytes(StandardCharsets.UTF_8));
  }
}
