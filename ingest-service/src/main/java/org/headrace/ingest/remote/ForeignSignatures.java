package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.keys.KeyNeed;
import org.headrace.federation.keys.ServerKeys;
import org.headrace.federation.net.FederationException;

/** The signatures that another server was asked to put on an event of ours. */
@ApplicationScoped
public class ForeignSignatures {
  /** Signatures of one answer that are looked at. */
  private static final int SIGNATURES_MAX = 5;

  @Inject ServerKeys keys;

  /**
   * The server's valid signatures of this very event, whatever else the answer holds: {server: {key
   * id: signature}}. Throws BAD_RESPONSE if there are none.
   */
  public ObjectNode of(ServerName server, ObjectNode event, JsonNode answered, RoomVersion version)
      throws FederationException {
    ObjectNode valid = Json.object();
    long madeMillis = event.path("origin_server_ts").asLong();
    int looked = 0;
    for (Map.Entry<String, JsonNode> signature :
        answered.path("signatures").path(server.value()).properties()) {
      String keyId = signature.getKey();
      if (looked++ >= SIGNATURES_MAX || !keyId.startsWith("ed25519:")) {
        continue;
      }
      ObjectNode one = Json.object();
      one.putObject(server.value()).set(keyId, signature.getValue());
      boolean verified =
          keys.of(server, KeyNeed.of(keyId, madeMillis, true))
              .find(keyId, madeMillis, true)
              .map(
                  key ->
                      EventSignatures.verify(
                          Signed.merged(event, one), version, server, keyId, key.bytes()))
              .orElse(false);
      if (verified) {
        valid.withObjectProperty(server.value()).set(keyId, signature.getValue());
      }
    }
    if (valid.isEmpty()) {
      throw Handshake.bad(server + " did not sign the event");
    }
    return valid;
  }
}
