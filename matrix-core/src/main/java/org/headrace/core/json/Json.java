package org.headrace.core.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * The one JSON parser of the server: strict (no duplicate keys, no trailing tokens), bounded in
 * depth and in the length of numbers. Object members keep the order in which they were met.
 */
public final class Json {
  /** Deepest nesting that is parsed; beyond it the input is malformed. */
  public static final int DEPTH_MAX = 100;

  private static final int NUMBER_CHARS_MAX = 400;

  /** Most tokens of one text: a tree takes about 100 bytes for each, however short they are. */
  public static final long TOKENS_MAX = 200_000;

  public static final ObjectMapper MAPPER = mapper(TOKENS_MAX);

  private Json() {}

  /** For bytes that this deployment wrote itself: as strict, but of any size. */
  public static ObjectMapper ownMapper() {
    return mapper(Long.MAX_VALUE);
  }

  private static ObjectMapper mapper(long tokensMax) {
    JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxNumberLength(NUMBER_CHARS_MAX)
                    .maxTokenCount(tokensMax)
                    .build())
            .build();
    return JsonMapper.builder(factory)
        .nodeFactory(new FloatsStayFloats())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .build();
  }

  /** Parses bytes of UTF-8; throws {@link InvalidJsonException} with a message for a client. */
  public static JsonNode parse(byte[] bytes) {
    try {
      // Decoded strictly first: the parser would take overlong forms and encoded surrogates.
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      JsonNode node = MAPPER.readTree(text);
      if (node == null || node.isMissingNode()) {
        throw new InvalidJsonException("the body is empty, JSON is expected");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw new InvalidJsonException("not valid JSON: " + e.getOriginalMessage());
    } catch (NumberFormatException | ArithmeticException e) {
      // What the parser says of exponents that no BigDecimal can hold.
      throw new InvalidJsonException("not valid JSON: a number is out of range");
    } catch (CharacterCodingException e) {
      throw new InvalidJsonException("not valid JSON in UTF-8");
    }
  }

  /** Parses bytes that must be a JSON object. */
  public static ObjectNode parseObject(byte[] bytes) {
    if (parse(bytes) instanceof ObjectNode object) {
      return object;
    }
    throw new InvalidJsonException("a JSON object is expected");
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Plain JSON, members in insertion order. */
  public static byte[] bytes(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
