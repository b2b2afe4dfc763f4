package org.headrace.core.pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;

/** Dot-separated paths to event properties (spec appendices, "Dot-separated property paths"). */
public final class PropertyPath {
  private PropertyPath() {}

  /** The property of the event, or a missing node. */
  public static JsonNode get(JsonNode event, String path) {
    JsonNode node = event;
    for (String name : names(path)) {
      if (!node.isObject()) {
        return MissingNode.getInstance();
      }
      node = node.path(name);
    }
    return node;
  }

  /** The names that a path joins; a backslash escapes a dot or a backslash. */
  public static List<String> names(String path) {
    List<String> names = new ArrayList<>();
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean escapes =
          c == '\\'
              && i + 1 < path.length()
              && (path.charAt(i + 1) == '.' || path.charAt(i + 1) == '\\');
      if (escapes) {
        name.append(path.charAt(++i));
      } else if (c == '.') {
        names.add(name.toString());
        name.setLength(0);
      } else {
        name.append(c);
      }
    }
    names.add(name.toString());
    return names;
  }
}
