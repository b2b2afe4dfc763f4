package org.headrace.federation.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;

/** Members of answers, with what is wrong about them as failures. */
final class Answers {
  private Answers() {}

  static FederationException bad(String message) {
    return new FederationException(Reason.BAD_RESPONSE, message);
  }

  static ObjectNode object(JsonNode answer, String name) throws FederationException {
    if (answer.path(name) instanceof ObjectNode object) {
      return object;
    }
    throw bad(name + " must be an object");
  }

  static List<ObjectNode> objects(JsonNode answer, String name) throws FederationException {
    List<ObjectNode> objects = new ArrayList<>();
    if (!answer.path(name).isArray()) {
      throw bad(name + " must be an array");
    }
    for (JsonNode item : answer.path(name)) {
      if (!(item instanceof ObjectNode object)) {
        throw bad(name + " must hold objects");
      }
      objects.add(object);
    }
    return List.copyOf(objects);
  }

  static <T> T id(JsonNode answer, String name, Function<String, T> parse)
      throws FederationException {
    try {
      return parse.apply(text(answer, name));
    } catch (InvalidIdException e) {
      throw bad(name + ": " + e.getMessage());
    }
  }

  static String text(JsonNode answer, String name) throws FederationException {
    if (!answer.path(name).isTextual()) {
      throw bad(name + " must be a string");
    }
    return answer.path(name).textValue();
  }

  static long integer(JsonNode answer, String name) throws FederationException {
    JsonNode value = answer.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw bad(name + " must be an integer");
    }
    return value.longValue();
  }

  /** Parses an id within a streamed answer. */
  static <T> T parsed(JsonNode item, Function<String, T> parse) {
    try {
      return parse.apply(item.isTextual() ? item.textValue() : "");
    } catch (InvalidIdException e) {
      throw new InvalidJsonException(String.valueOf(e.getMessage()));
    }
  }

  /** The room version that an answer names; "1" if none. */
  static RoomVersion roomVersion(JsonNode answer) throws FederationException {
    String id = answer.path("room_version").asText("1");
    Optional<RoomVersion> version = RoomVersion.find(id);
    if (version.isEmpty()) {
      throw bad("room version " + id + " is not known here");
    }
    return version.get();
  }
}
