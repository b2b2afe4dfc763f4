package org.headrace.federation.call;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.federation.net.LimitedBody;
import org.jspecify.annotations.Nullable;

/**
 * Reads a large JSON object member by member: the items of some arrays one at a time, other members
 * as trees, and passes over what nobody asked for. What is in memory at a time is one item.
 */
final class ObjectStream {
  /** Largest item or member: an event may have 64 kB, and what is not signed comes with it. */
  static final int ITEM_BYTES_MAX = 262_144;

  /** Most items of one array. */
  static final int ITEMS_MAX = 1_000_000;

  /** What the reader and the parser may have taken from the body ahead of the item. */
  private static final int AHEAD_BYTES_MAX = 65_536;

  /** An item is followed by the next; what follows the object is looked at here. */
  private static final ObjectMapper MAPPER =
      Json.ownMapper().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Map<String, Consumer<JsonNode>> arrays = new TreeMap<>();
  private final Map<String, Consumer<JsonNode>> members = new TreeMap<>();

  /** Hands on each item of this array, which may be missing. */
  ObjectStream items(String name, Consumer<JsonNode> consumer) {
    arrays.put(name, consumer);
    return this;
  }

  /** As {@link #items}, where each must be an object. */
  ObjectStream objects(String name, Consumer<ObjectNode> consumer) {
    return items(
        name,
        item -> {
          if (!(item instanceof ObjectNode object)) {
            throw new InvalidJsonException(name + " must hold objects");
          }
          consumer.accept(object);
        });
  }

  /** Hands on this member, which may be missing. */
  ObjectStream member(String name, Consumer<JsonNode> consumer) {
    members.put(name, consumer);
    return this;
  }

  void read(LimitedBody body) throws IOException {
    // Strict about UTF-8, which the parser is not.
    var text = new InputStreamReader(body, StandardCharsets.UTF_8.newDecoder());
    try (JsonParser parser = MAPPER.getFactory().createParser(text)) {
      parser.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
      expect(parser.nextToken(), JsonToken.START_OBJECT, "an object is expected");
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        allowOne(body);
        parser.nextToken();
        if (arrays.containsKey(name)) {
          readArray(parser, body, name, arrays.get(name));
        } else if (members.containsKey(name)) {
          members.get(name).accept(parser.readValueAsTree());
        } else {
          skip(parser, body);
        }
      }
      allowOne(body);
      expect(parser.nextToken(), null, "something follows the object");
    }
  }

  private static void readArray(
      JsonParser parser, LimitedBody body, String name, Consumer<JsonNode> consumer)
      throws IOException {
    expect(parser.currentToken(), JsonToken.START_ARRAY, name + " must be an array");
    int items = 0;
    allowOne(body);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (++items > ITEMS_MAX) {
        throw new InvalidJsonException(name + " is too long");
      }
      consumer.accept(parser.readValueAsTree());
      allowOne(body);
    }
  }

  /** Token by token, so that what is passed over may be of any size. */
  private static void skip(JsonParser parser, LimitedBody body) throws IOException {
    int depth = 0;
    do {
      allowOne(body);
      JsonToken token = parser.currentToken();
      if (token == null) {
        throw new InvalidJsonException("the answer ends within an object");
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      if (depth > 0) {
        parser.nextToken();
      }
    } while (depth > 0);
  }

  private static void allowOne(LimitedBody body) {
    body.allow(ITEM_BYTES_MAX + AHEAD_BYTES_MAX);
  }

  private static void expect(
      @Nullable JsonToken token, @Nullable JsonToken expected, String otherwise) {
    if (token != expected) {
      throw new InvalidJsonException(otherwise);
    }
  }
}
