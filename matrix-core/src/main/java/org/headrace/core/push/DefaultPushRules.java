package org.headrace.core.push;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;

/** The server-default push rules of a new user (push module, "Predefined Rules", v1.19). */
public final class DefaultPushRules {
  private static final String USER_ID_MARK = "$USER_ID";
  private static final JsonNode RULES = load();

  private DefaultPushRules() {}

  /** The content of the user's {@code m.push_rules}: {@code global} with its five kinds. */
  public static ObjectNode forUser(UserId user) {
    return (ObjectNode) withUser(RULES, user.value());
  }

  private static JsonNode withUser(JsonNode node, String userId) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        ObjectNode copy = Json.object();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
          copy.set(member.getKey(), withUser(member.getValue(), userId));
        }
        yield copy;
      }
      case ARRAY -> {
        ArrayNode copy = Json.MAPPER.createArrayNode();
        for (JsonNode entry : node) {
          copy.add(withUser(entry, userId));
        }
        yield copy;
      }
      default -> node.asText().equals(USER_ID_MARK) ? new TextNode(userId) : node;
    };
  }

  private static JsonNode load() {
    try (InputStream in = DefaultPushRules.class.getResourceAsStream("default-push-rules.json")) {
      if (in == null) {
        throw new IllegalStateException("default-push-rules.json is not in the artifact");
      }
      return Json.parseObject(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
