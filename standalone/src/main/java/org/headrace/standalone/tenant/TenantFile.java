package org.headrace.standalone.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.id.ServerName;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.net.AddressRange;
import org.headrace.standalone.broker.OwnerFiles;
import org.jspecify.annotations.Nullable;

/**
 * {@code tenants.json} in the data folder: the hosted server names in the order they were added,
 * the first being the default, each with the ids of its signing keys, newest first, and when those
 * before ended ({@code expired}). The keys themselves lie in {@code keys/}, in files of their own
 * that only the owner may read; they are on no topic (design D1). An operator may write with whom a
 * tenant federates ({@code federation}), and whether it is a policy server ({@code policy_server}).
 */
public final class TenantFile {
  private static final int SEED_BYTES = 32;
  private static final String SIGNING_KEYS = "ed25519:";
  private static final String POLICY_KEYS = "policy:";
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

  /**
   * What the file says of a tenant.
   *
   * @param keyIds newest first; it signs with the first
   * @param expired since when keys are not used any more, milliseconds since 1970
   * @param policy whom it speaks to; null: whom the deployment does
   * @param policyServer what it is as a policy server; null: it never was one
   */
  record Entry(
      List<String> keyIds,
      Map<String, Long> expired,
      @Nullable FederationPolicy policy,
      @Nullable PolicyServing policyServer) {}

  /**
   * What a tenant is as a policy server.
   *
   * @param on whether it is one now
   * @param key the name of its key for that; it signs with it under another id
   */
  record PolicyServing(boolean on, String key) {}

  /** Key ids by server name, the default tenant first; empty where nothing is hosted yet. */
  public Map<ServerName, List<String>> read() throws IOException {
    Map<ServerName, List<String>> tenants = new LinkedHashMap<>();
    entries().forEach((name, entry) -> tenants.put(name, entry.keyIds()));
    return tenants;
  }

  /** All that the file says, the default tenant first. */
  Map<ServerName, Entry> entries() throws IOException {
    Map<ServerName, Entry> tenants = new LinkedHashMap<>();
    for (JsonNode tenant : root().path("tenants")) {
      Map<String, Long> expired = new LinkedHashMap<>();
      tenant
          .path("expired")
          .properties()
          .forEach(key -> expired.put(key.getKey(), key.getValue().asLong()));
      tenants.put(
          new ServerName(tenant.path("name").asText()),
          new Entry(
              texts(tenant.path("key_ids")),
              expired,
              policy(tenant.path("federation")),
              policyServing(tenant.path("policy_server"))));
    }
    return tenants;
  }

  private ObjectNode root() throws IOException {
    if (!Files.exists(file)) {
      return JSON.createObjectNode();
    }
    try {
      if (JSON.readTree(Files.readString(file)) instanceof ObjectNode root) {
        return root;
      }
    } catch (IOException e) {
      throw new IOException(file + " cannot be read: " + e.getMessage(), e);
    }
    throw new IOException(file + " is no JSON object: restore it from a copy");
  }

  private @Nullable FederationPolicy policy(JsonNode json) throws IOException {
    if (!json.isObject()) {
      return null;
    }
    try {
      return new FederationPolicy(
          json.path("closed").asBoolean(),
          texts(json.path("allowed")),
          texts(json.path("denied")),
          texts(json.path("refused_addresses")).stream().map(AddressRange::parse).toList());
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " refuses no ranges such as 10.0.0.0/8: " + e.getMessage(), e);
    }
  }

  private static @Nullable PolicyServing policyServing(JsonNode json) {
    return json.path("key").isTextual()
        ? new PolicyServing(json.path("on").asBoolean(), json.path("key").textValue())
        : null;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return List.copyOf(texts);
  }

  /** Hosts one more name, with a new signing key; false if it is hosted already. */
  public synchronized boolean add(ServerName name) throws IOException {
    if (read().containsKey(name)) {
      return false;
    }
    ObjectNode root = root();
    ObjectNode entry = root.withArrayProperty("tenants").addObject().put("name", name.value());
    entry.putArray("key_ids").add(newKey(SIGNING_KEYS));
    OwnerFiles.write(file, root.toPrettyString() + "\n");
    return true;
  }

  /**
   * Gives a tenant a new key to sign with; those before stay known, for what they have signed.
   * Returns its id, or nothing if the name is not hosted.
   *
   * @param nowMillis when the keys before end, in milliseconds since 1970
   */
  public synchronized Optional<String> rotate(ServerName name, long nowMillis) throws IOException {
    ObjectNode root = root();
    for (JsonNode tenant : root.path("tenants")) {
      if (tenant instanceof ObjectNode entry && entry.path("name").asText().equals(name.value())) {
        List<String> before = texts(entry.path("key_ids"));
        ObjectNode expired = entry.withObjectProperty("expired");
        before.stream().filter(id -> !expired.has(id)).forEach(id -> expired.put(id, nowMillis));
        String keyId = newKey(SIGNING_KEYS);
        ArrayNode ids = entry.putArray("key_ids").add(keyId);
        before.forEach(ids::add);
        OwnerFiles.write(file, root.toPrettyString() + "\n");
        return Optional.of(keyId);
      }
    }
    return Optional.empty();
  }

  /** Sets whom the tenant speaks to; false if it is not hosted here. */
  public synchronized boolean setFederation(ServerName name, FederationPolicy policy)
      throws IOException {
    return change(
        name,
        entry -> {
          ObjectNode rules = entry.putObject("federation").put("closed", policy.closed());
          policy.allowed().forEach(rules.putArray("allowed")::add);
          policy.denied().forEach(rules.putArray("denied")::add);
          ArrayNode refused = rules.putArray("refused_addresses");
          policy.refused().forEach(range -> refused.add(range.toString()));
        });
  }

  /**
   * Says whether the tenant is a policy server; false if it is not hosted here. It gets a key if it
   * has none, and keeps it when it ceases to be one.
   *
   * @param newKey whether it gets another key in any case
   */
  public synchronized boolean setPolicyServer(ServerName name, boolean on, boolean newKey)
      throws IOException {
    Entry entry = entries().get(name);
    PolicyServing before = entry == null ? null : entry.policyServer();
    if (entry == null || (before == null && !on && !newKey)) {
      return entry != null;
    }
    String key = before == null || newKey ? newKey(POLICY_KEYS) : before.key();
    return change(name, json -> json.putObject("policy_server").put("on", on).put("key", key));
  }

  private boolean change(ServerName name, Consumer<ObjectNode> change) throws IOException {
    ObjectNode root = root();
    for (JsonNode tenant : root.path("tenants")) {
      if (tenant instanceof ObjectNode entry && entry.path("name").asText().equals(name.value())) {
        change.accept(entry);
        OwnerFiles.write(file, root.toPrettyString() + "\n");
        return true;
      }
    }
    return false;
  }

  /** The key that the tenant signs with as a policy server; none if it is not one. */
  public Optional<SigningKey> policyKey(ServerName name) throws IOException {
    Entry entry = entries().get(name);
    return entry == null ? Optional.empty() : policyKey(entry);
  }

  Optional<SigningKey> policyKey(Entry entry) throws IOException {
    PolicyServing serving = entry.policyServer();
    return serving != null && serving.on()
        ? Optional.of(SigningKey.fromSeed(PolicyServer.KEY_ID, seed(serving.key())))
        : Optional.empty();
  }

  /** Whom the tenant speaks to, if the file says so; else the deployment's policy holds. */
  public Optional<FederationPolicy> federation(ServerName name) throws IOException {
    Entry entry = entries().get(name);
    return entry == null ? Optional.empty() : Optional.ofNullable(entry.policy());
  }

  /** The private key of this id. */
  public SigningKey key(String keyId) throws IOException {
    return SigningKey.fromSeed(keyId, seed(keyId));
  }

  private byte[] seed(String keyId) throws IOException {
    return Base64.getDecoder().decode(Files.readString(keyFile(keyId)).strip());
  }

  /**
   * A new key in a file of its own; returns its id.
   *
   * @param prefix of the id
   */
  private String newKey(String prefix) throws IOException {
    Files.createDirectories(keys);
    SecureRandom random = new SecureRandom();
    byte[] version = new byte[KEY_VERSION_BYTES];
    random.nextBytes(version);
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    String keyId = prefix + HexFormat.of().formatHex(version);
    OwnerFiles.write(keyFile(keyId), Base64.getEncoder().encodeToString(seed) + "\n");
    return keyId;
  }

  private Path keyFile(String keyId) {
    return keys.resolve(keyId.replace(':', '_') + ".seed");
  }
}
