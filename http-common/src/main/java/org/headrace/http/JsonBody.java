package org.headrace.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a request, with accessors that answer M_BAD_JSON for a member of another type
 * and M_MISSING_PARAM for one that must be there. An optional member that is null counts as absent.
 */
public final class JsonBody {
  private final ObjectNode object;
  private final String path;

  private JsonBody(ObjectNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /**
   * Parses a request's body, which must be an object: else M_NOT_JSON or M_BAD_JSON. Strings with
   * lone surrogates are refused, since they have no UTF-8.
   */
  public static JsonBody parse(byte @Nullable [] bytes) {
    JsonNode node;
    try {
      node = Json.parse(bytes == null ? new byte[0] : bytes);
    } catch (InvalidJsonException e) {
      throw new MatrixError(400, "M_NOT_JSON", String.valueOf(e.getMessage()));
    }
    if (!(node instanceof ObjectNode object)) {
      throw MatrixError.badJson("A JSON object is expected");
    }
    requireUnicode(object);
    return new JsonBody(object, "");
  }

  /** As {@link #parse}, where no body at all means {@code {}}. */
  public static JsonBody parseOptional(byte @Nullable [] bytes) {
    return bytes == null || bytes.length == 0 ? of(Json.object()) : parse(bytes);
  }

  public static JsonBody of(ObjectNode object) {
    return new JsonBody(object, "");
  }

  public ObjectNode json() {
    return object;
  }

  public boolean has(String member) {
    JsonNode node = object.get(member);
    return node != null && !node.isNull();
  }

  public String requireString(String member) {
    return optionalString(member).orElseThrow(() -> missing(member));
  }

  public Optional<String> optionalString(String member) {
    return optional(member).map(node -> requireText(node, path + member));
  }

  /**
   * As {@link #optionalString}, with {@code bytesMax} bytes of UTF-8 at most: else M_INVALID_PARAM.
   */
  public Optional<String> optionalString(String member, int bytesMax) {
    return optionalString(member).map(value -> requireBytes(value, path + member, bytesMax));
  }

  public String requireString(String member, int bytesMax) {
    return requireBytes(requireString(member), path + member, bytesMax);
  }

  public boolean bool(String member, boolean absent) {
    return optional(member)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw wrongType(member, "a boolean");
              }
              return node.booleanValue();
            })
        .orElse(absent);
  }

  public Optional<Long> optionalInteger(String member) {
    return optional(member)
        .map(
            node -> {
              if (!node.isIntegralNumber() || !node.canConvertToLong()) {
                throw wrongType(member, "an integer");
              }
              return node.longValue();
            });
  }

  public JsonBody requireObject(String member) {
    return optionalObject(member).orElseThrow(() -> missing(member));
  }

  public Optional<JsonBody> optionalObject(String member) {
    return optional(member)
        .map(
            node -> {
              if (node instanceof ObjectNode child) {
                return new JsonBody(child, path + member + ".");
              }
              throw wrongType(member, "an object");
            });
  }

  /** The member's array, empty if it is absent. */
  public List<JsonNode> array(String member) {
    return optional(member)
        .map(
            node -> {
              if (!(node instanceof ArrayNode array)) {
                throw wrongType(member, "an array");
              }
              List<JsonNode> elements = new ArrayList<>(array.size());
              array.forEach(elements::add);
              return elements;
            })
        .orElse(List.of());
  }

  /** The array's objects. */
  public List<JsonBody> objects(String member) {
    List<JsonBody> objects = new ArrayList<>();
    for (JsonNode element : array(member)) {
      if (!(element instanceof ObjectNode child)) {
        throw wrongType(member, "an array of objects");
      }
      objects.add(new JsonBody(child, path + member + "[" + objects.size() + "]."));
    }
    return objects;
  }

  /** The array's strings. */
  public List<String> strings(String member) {
    List<String> strings = new ArrayList<>();
    for (JsonNode element : array(member)) {
      strings.add(requireText(element, path + member));
    }
    return strings;
  }

  /** The object's members, whose values must be objects. */
  public List<Member> members() {
    List<Member> members = new ArrayList<>();
    object
        .properties()
        .forEach(entry -> members.add(new Member(entry.getKey(), requireObject(entry.getKey()))));
    return members;
  }

  /** A member whose value is an object. */
  public record Member(String name, JsonBody value) {}

  private Optional<JsonNode> optional(String member) {
    JsonNode node = object.get(member);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  private static String requireText(JsonNode node, String path) {
    if (!node.isTextual()) {
      throw MatrixError.badJson(path + " must be a string");
    }
    return node.textValue();
  }

  private static String requireBytes(String value, String path, int bytesMax) {
    if (value.getBytes(StandardCharsets.UTF_8).length > bytesMax) {
      throw MatrixError.invalidParam(path + " may have " + bytesMax + " bytes at most");
    }
    return value;
  }

  private MatrixError missing(String member) {
    return MatrixError.missingParam(path + member + " is missing");
  }

  private MatrixError wrongType(String member, String type) {
    return MatrixError.badJson(path + member + " must be " + type);
  }

  /** Recursion is bounded by {@link Json#DEPTH_MAX}. */
  private static void requireUnicode(JsonNode node) {
    if (node.isTextual()) {
      requireUnicode(node.textValue());
    }
    node.properties().forEach(entry -> requireUnicode(entry.getKey()));
    node.forEach(JsonBody::requireUnicode);
  }

  private static void requireUnicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (!pair) {
        throw MatrixError.badJson("A string holds half of a surrogate pair");
      }
      i++;
    }
  }
}
