package org.headrace.conformance.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.StreamSupport;

/** Short ways to write and read JSON in tests. */
public final class Json {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** An object of alternating names and values; values are what Jackson can map. */
  public static ObjectNode object(Object... namesAndValues) {
    ObjectNode object = MAPPER.createObjectNode();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.set((String) namesAndValues[i], MAPPER.valueToTree(namesAndValues[i + 1]));
    }
    return object;
  }

  public static JsonNode parse(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + text, e);
    }
  }

  /** The texts of one member over an array of objects. */
  public static List<String> each(JsonNode array, String member) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(element -> element.path(member).asText())
        .toList();
  }

  /** The elements of an array whose member has the given text. */
  public static List<JsonNode> where(JsonNode array, String member, String text) {
    return StreamSupport.stream(array.spliterator(), false)
        .filter(element -> element.path(member).asText().equals(text))
        .toList();
  }

  /** The m.room.message events of an array. */
  public static JsonNode messages(JsonNode array) {
    var kept = MAPPER.createArrayNode();
    where(array, "type", "m.room.message").forEach(kept::add);
    return kept;
  }
}
