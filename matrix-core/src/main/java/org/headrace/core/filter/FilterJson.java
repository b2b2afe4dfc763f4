package org.headrace.core.filter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads the members of a filter, with the errors that a client gets. */
final class FilterJson {
  /** Most entries of one list in a filter. */
  static final int ENTRIES_MAX = 1000;

  private FilterJson() {}

  /** The object under this name; missing if absent or null. */
  static JsonNode object(JsonNode parent, String name) {
    JsonNode node = parent.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return MissingNode.getInstance();
    }
    if (!node.isObject()) {
      throw new InvalidFilterException(name + " must be an object");
    }
    return node;
  }

  static Optional<List<String>> strings(JsonNode parent, String name, Predicate<String> allowed) {
    JsonNode node = parent.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isArray() || node.size() > ENTRIES_MAX) {
      throw new InvalidFilterException(name + " must be a list of 1000 strings at most");
    }
    List<String> strings = new ArrayList<>(node.size());
    for (JsonNode entry : node) {
      if (!entry.isTextual() || !allowed.test(entry.textValue())) {
        throw new InvalidFilterException(name + " holds an entry that cannot be there");
      }
      strings.add(entry.textValue());
    }
    return Optional.of(List.copyOf(strings));
  }

  static Optional<Boolean> bool(JsonNode parent, String name) {
    JsonNode node = parent.path(name);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isBoolean()) {
      throw new InvalidFilterException(name + " must be true or false");
    }
    return Optional.of(node.booleanValue());
  }
}
