package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.JsonNode;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.log.KeyPart;

/**
 * The endpoint that a transaction id belongs to, from the event that it made (client-server API,
 * "Transaction identifiers": a device and an HTTP endpoint).
 */
final class Transactions {
  private Transactions() {}

  static String endpoint(JsonNode skeleton, String version) {
    String type = skeleton.path("type").asText();
    return RoomVersion.find(version)
        .flatMap(known -> Redactions.target(skeleton, known))
        .map(Transactions::redact)
        .orElseGet(() -> send(type));
  }

  static String send(String type) {
    return "send|" + KeyPart.escape(type);
  }

  static String redact(EventId target) {
    return "redact|" + KeyPart.escape(target.value());
  }
}
