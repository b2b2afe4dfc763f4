package org.headrace.standalone.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.standalone.broker.OwnerFiles;

/**
 * {@code tenants.json} in the data folder: the hosted server names in the order they were added,
 * the first being the default, each with the ids of its signing keys. The keys themselves lie in
 * {@code keys/}, in files of their own that only the owner may read; they are on no topic (design
 * D1).
 */
public final class TenantFile {
  private static final int SEED_BYTES = 32;
  private static final int KEY_VERSION_BYTES = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final Path keys;

  public TenantFile(Path dataFolder) {
    file = dataFolder.resolve("tenants.json");
    keys = dataFolder.resolve("keys");
  }

  Path path() {
    return file;
  }

  /** Key ids by server name, the default tenant first; empty where nothing is hosted yet. */
  public Map<ServerName, List<String>> read() throws IOException {
    Map<ServerName, List<String>> tenants = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return tenants;
    }
    for (JsonNode tenant : JSON.readTree(Files.readString(file)).path("tenants")) {
      List<String> keyIds = new ArrayList<>();
      tenant.path("key_ids").forEach(id -> keyIds.add(id.asText()));
      tenants.put(new ServerName(tenant.path("name").asText()), List.copyOf(keyIds));
    }
    return tenants;
  }

  /** Hosts one more name, with a new signing key; false if it is hosted already. */
  public synchronized boolean add(ServerName name) throws IOException {
    Map<ServerName, List<String>> tenants = read();
    if (tenants.containsKey(name)) {
      return false;
    }
    tenants.put(name, List.of(newKey()));
    ObjectNode root = JSON.createObjectNode();
    var list = root.putArray("tenants");
    tenants.forEach(
        (tenant, keyIds) -> {
          ObjectNode entry = list.addObject().put("name", tenant.value());
          keyIds.forEach(entry.putArray("key_ids")::add);
        });
    OwnerFiles.write(file, root.toPrettyString() + "\n");
    return true;
  }

  /** The private key of this id. */
  public SigningKey key(String keyId) throws IOException {
    byte[] seed = Base64.getDecoder().decode(Files.readString(keyFile(keyId)).strip());
    return SigningKey.fromSeed(keyId, seed);
  }

  private String newKey() throws IOException {
    Files.createDirectories(keys);
    SecureRandom random = new SecureRandom();
    byte[] version = new byte[KEY_VERSION_BYTES];
    random.nextBytes(version);
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    String keyId = "ed25519:" + java.util.HexFormat.of().formatHex(version);
    SigningKey.fromSeed(keyId, seed);
    OwnerFiles.write(keyFile(keyId), Base64.getEncoder().encodeToString(seed) + "\n");
    return keyId;
  }

  private Path keyFile(String keyId) {
    return keys.resolve(keyId.replace(':', '_') + ".seed");
  }
}
