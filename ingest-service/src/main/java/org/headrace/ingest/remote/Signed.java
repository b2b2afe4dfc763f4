package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.headrace.core.json.Json;

/** Signatures of several servers on one event. */
public final class Signed {
  private Signed() {}

  /** A copy of the event with these signatures besides its own, which stand where both have one. */
  public static ObjectNode merged(ObjectNode event, JsonNode signatures) {
    ObjectNode copy = Json.object();
    copy.setAll(event);
    copy.set("signatures", union(signatures, event.path("signatures")));
    return copy;
  }

  /** Both, by server and key id; the second stands where both have one. */
  public static ObjectNode union(JsonNode first, JsonNode second) {
    ObjectNode all = Json.object();
    for (JsonNode part : new JsonNode[] {first, second}) {
      for (Map.Entry<String, JsonNode> ofServer : part.properties()) {
        ObjectNode keys = all.withObjectProperty(ofServer.getKey());
        for (Map.Entry<String, JsonNode> key : ofServer.getValue().properties()) {
          if (key.getValue().isTextual()) {
            keys.set(key.getKey(), key.getValue());
          }
        }
      }
    }
    return all;
  }
}
