package org.headrace.sender.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.schema.log.LogJson;

/**
 * A transaction (server-server API, "Transactions"). Its id is a hash of its body, so it names the
 * same bytes for ever, whatever crashed or was restored in between.
 */
public record Transaction(String id, ObjectNode body) {
  private static final int ID_BYTES = 18;

  static Transaction of(
      ServerName origin, long originServerTs, List<ObjectNode> pdus, List<ObjectNode> edus) {
    ObjectNode body =
        Json.object().put("origin", origin.value()).put("origin_server_ts", originServerTs);
    ArrayNode pduArray = body.putArray("pdus");
    pdus.forEach(pduArray::add);
    if (!edus.isEmpty()) {
      ArrayNode eduArray = body.putArray("edus");
      edus.forEach(eduArray::add);
    }
    return new Transaction(id(LogJson.encode(body)), body);
  }

  private static String id(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return UnpaddedBase64.encodeUrlSafe(Arrays.copyOf(hash, ID_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
