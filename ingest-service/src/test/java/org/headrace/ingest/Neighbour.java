package org.headrace.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.TreeMap;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.XMatrix;
import org.headrace.federation.keys.KnownKeys;
import org.headrace.federation.keys.VerifyKey;

/** Another server as ingest meets it: signs requests and events. */
record Neighbour(ServerName name, SigningKey key) {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  static Neighbour of(String name, int seed) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) seed);
    return new Neighbour(new ServerName(name), SigningKey.fromSeed("ed25519:r", bytes));
  }

  KnownKeys knownKeys() {
    TreeMap<String, VerifyKey> keys = new TreeMap<>();
    keys.put(key.keyId(), new VerifyKey(key.keyId(), key.publicKeyBase64(), Long.MAX_VALUE, false));
    return new KnownKeys(keys, System.currentTimeMillis());
  }

  /** The event with its hash, this server's signature and its id. */
  Pdu sign(ObjectNode event, RoomVersion version) {
    return EventHashes.pdu(EventSignatures.hashAndSign(event, version, name, key), version);
  }

  /** Sends a signed request to a tenant; null: without a body. */
  HttpResponse<byte[]> send(
      String method, URI base, String target, ServerName tenant, ObjectNode body) throws Exception {
    XMatrix.Content content = body == null ? XMatrix.Content.NONE : XMatrix.Content.of(body);
    String header = XMatrix.header(new XMatrix.Signed(method, target, name, tenant, content), key);
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://" + base.getHost() + ":" + base.getPort() + target))
            .header("Authorization", header)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)))
            .build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
  }
}
