package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.encode;
import static org.headrace.conformance.client.Client.path;
import static org.headrace.conformance.client.Client.unique;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What end-to-end encryption needs of a server: device keys, one-time keys, to-device messages,
 * device lists.
 */
@ExtendWith(SharedServer.class)
class EncryptionKeysIT {
  private static final String ALGORITHM = "signed_curve25519";
  private static final String SIGNATURE = "A".repeat(86);

  private Client alice;
  private Client bob;
  private SharedServer.Server server;

  @BeforeEach
  void registerUsers(SharedServer.Server shared) {
    server = shared;
    alice = Client.register(shared.baseUrl(), "alice");
    bob = Client.register(shared.baseUrl(), "bob");
  }

  private static ObjectNode deviceKeys(Client client) {
    String device = client.deviceId();
    return Json.object(
        "user_id", client.userId(),
        "device_id", device,
        "algorithms", List.of("m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"),
        "keys", Map.of("curve25519:" + device, "C".repeat(43), "ed25519:" + device, "E".repeat(43)),
        "signatures", Map.of(client.userId(), Map.of("ed25519:" + device, SIGNATURE)));
  }

  private static JsonNode upload(Client client, Object... namesAndValues) {
    return client
        .post(V3 + "/keys/upload", Json.object(namesAndValues))
        .ok()
        .path("one_time_key_counts");
  }

  private static ObjectNode oneTimeKeys(Client client, int from, int to) {
    ObjectNode keys = Json.object();
    for (int n = from; n < to; n++) {
      keys.set(ALGORITHM + ":k" + n, key(client, "key" + n, false));
    }
    return keys;
  }

  private static ObjectNode key(Client client, String key, boolean fallback) {
    ObjectNode value =
        Json.object(
            "key",
            key,
            "signatures",
            Map.of(client.userId(), Map.of("ed25519:" + client.deviceId(), SIGNATURE)));
    if (fallback) {
      value.put("fallback", true);
    }
    return value;
  }

  private static JsonNode claim(Client claimer, Client owner) {
    ObjectNode request =
        Json.object("one_time_keys", Map.of(owner.userId(), Map.of(owner.deviceId(), ALGORITHM)));
    return claimer
        .post(V3 + "/keys/claim", request)
        .ok()
        .path("one_time_keys")
        .path(owner.userId())
        .path(owner.deviceId());
  }

  private static JsonNode query(Client asker, Client owner) {
    return asker
        .post(V3 + "/keys/query", Json.object("device_keys", Map.of(owner.userId(), List.of())))
        .ok()
        .path("device_keys")
        .path(owner.userId());
  }

  @Test
  void deviceKeysAreUploadedAndQueried() {
    alice.put(path(V3 + "/devices/{}", alice.deviceId()), Json.object("display_name", "desk")).ok();
    ObjectNode keys = deviceKeys(alice);
    assertThat(query(bob, alice)).isEmpty();
    upload(alice, "device_keys", keys);
    JsonNode got = query(bob, alice).path(alice.deviceId());
    assertThat(got.path("keys")).isEqualTo(keys.path("keys"));
    assertThat(got.path("signatures")).isEqualTo(keys.path("signatures"));
    assertThat(got.path("algorithms")).isEqualTo(keys.path("algorithms"));
    assertThat(query(bob, alice)).hasSize(1);
    Client phone = alice.login();
    upload(phone, "device_keys", deviceKeys(phone));
    assertThat(query(bob, alice)).hasSize(2);
    JsonNode one =
        bob.post(
                V3 + "/keys/query",
                Json.object("device_keys", Map.of(alice.userId(), List.of(phone.deviceId()))))
            .ok();
    assertThat(one.path("device_keys").path(alice.userId())).hasSize(1);
    phone.post(V3 + "/logout", Json.object()).ok();
    assertThat(query(bob, alice)).hasSize(1);
    assertThat(
            bob.post(V3 + "/keys/upload", Json.object("device_keys", deviceKeys(alice))).status())
        .isEqualTo(400);
  }

  @Test
  void oneTimeKeysAreCountedAndGivenOutOnce() {
    assertThat(upload(alice, "one_time_keys", oneTimeKeys(alice, 0, 3)).path(ALGORITHM).asInt())
        .isEqualTo(3);
    assertThat(upload(alice).path(ALGORITHM).asInt()).isEqualTo(3);
    assertThat(upload(alice, "one_time_keys", oneTimeKeys(alice, 0, 3)).path(ALGORITHM).asInt())
        .isEqualTo(3);
    assertThat(alice.sync().at("/device_one_time_keys_count").path(ALGORITHM).asInt()).isEqualTo(3);
    List<String> given = new ArrayList<>();
    for (int n = 0; n < 3; n++) {
      JsonNode claimed = claim(bob, alice);
      assertThat(claimed).hasSize(1);
      claimed.fieldNames().forEachRemaining(given::add);
    }
    assertThat(given).doesNotHaveDuplicates().allMatch(name -> name.startsWith(ALGORITHM + ":k"));
    assertThat(claim(bob, alice)).isEmpty();
    alice.syncUntil(
        "no keys left",
        sync -> sync.at("/device_one_time_keys_count").path(ALGORITHM).asInt(0) == 0);
    ObjectNode changed = oneTimeKeys(alice, 10, 11);
    upload(alice, "one_time_keys", changed);
    ((ObjectNode) changed.path(ALGORITHM + ":k10")).put("key", "another");
    assertThat(alice.post(V3 + "/keys/upload", Json.object("one_time_keys", changed)).status())
        .isEqualTo(400);
  }

  @Test
  void noKeyIsGivenTwiceHoweverManyAsk() throws Exception {
    int keys = 40;
    int askers = 60;
    upload(alice, "one_time_keys", oneTimeKeys(alice, 0, keys));
    ConcurrentSkipListSet<String> given = new ConcurrentSkipListSet<>();
    AtomicInteger answers = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> claims = new ArrayList<>();
      for (int n = 0; n < askers; n++) {
        claims.add(
            threads.submit(
                () ->
                    claim(bob, alice)
                        .fieldNames()
                        .forEachRemaining(
                            name -> {
                              given.add(name);
                              answers.incrementAndGet();
                            })));
      }
      for (Future<?> each : claims) {
        each.get();
      }
    }
    assertThat(answers.get()).isEqualTo(keys);
    assertThat(given).hasSize(keys);
  }

  @Test
  void theFallbackKeyIsGivenWhenOthersAreGone() {
    upload(
        alice,
        "one_time_keys",
        oneTimeKeys(alice, 0, 1),
        "fallback_keys",
        Map.of(ALGORITHM + ":f", key(alice, "fallen", true)));
    assertThat(alice.sync().path("device_unused_fallback_key_types").toString())
        .contains(ALGORITHM);
    assertThat(claim(bob, alice).has(ALGORITHM + ":k0")).isTrue();
    assertThat(claim(bob, alice).path(ALGORITHM + ":f").path("key").asText()).isEqualTo("fallen");
    assertThat(claim(bob, alice).has(ALGORITHM + ":f")).isTrue();
    JsonNode sync = alice.sync();
    assertThat(sync.has("device_unused_fallback_key_types")).isTrue();
    assertThat(sync.path("device_unused_fallback_key_types").toString()).doesNotContain(ALGORITHM);
  }

  @Test
  void aFallbackKeyMayHaveTheIdOfAOneTimeKey() {
    upload(
        alice,
        "one_time_keys",
        oneTimeKeys(alice, 0, 1),
        "fallback_keys",
        Map.of(ALGORITHM + ":k0", key(alice, "fallen", true)));
    assertThat(claim(bob, alice).path(ALGORITHM + ":k0").path("key").asText()).isEqualTo("key0");
    assertThat(claim(bob, alice).path(ALGORITHM + ":k0").path("key").asText()).isEqualTo("fallen");
  }

  private static JsonNode toDevice(JsonNode sync) {
    return sync.at("/to_device/events");
  }

  private static void sendToDevice(
      Client from, Client to, String device, String transaction, int n) {
    from.put(
            path(V3 + "/sendToDevice/{}/{}", "org.example.hello", transaction),
            Json.object("messages", Map.of(to.userId(), Map.of(device, Map.of("n", n)))))
        .ok();
  }

  @Test
  void toDeviceMessagesStayUntilTheyAreAcknowledged() {
    alice.sync();
    String before = alice.since();
    String transaction = unique("td");
    sendToDevice(bob, alice, alice.deviceId(), transaction, 1);
    sendToDevice(bob, alice, alice.deviceId(), transaction, 1);
    sendToDevice(bob, alice, alice.deviceId(), unique("td"), 2);
    JsonNode first = alice.syncRequest("timeout=0&since=" + encode(before)).ok();
    assertThat(toDevice(first)).hasSize(2);
    assertThat(toDevice(first).get(0).at("/content/n").asInt()).isEqualTo(1);
    assertThat(toDevice(first).get(1).at("/content/n").asInt()).isEqualTo(2);
    assertThat(toDevice(first).get(0).path("sender").asText()).isEqualTo(bob.userId());
    assertThat(toDevice(first).get(0).path("type").asText()).isEqualTo("org.example.hello");
    JsonNode again = alice.syncRequest("timeout=0&since=" + encode(before)).ok();
    assertThat(toDevice(again)).isEqualTo(toDevice(first));
    String acknowledged = first.path("next_batch").asText();
    assertThat(toDevice(alice.syncRequest("timeout=0&since=" + encode(acknowledged)).ok()))
        .isEmpty();
  }

  @Test
  void toDeviceMessagesReachOneDeviceOrAll() {
    Client phone = alice.login();
    alice.sync();
    phone.sync();
    sendToDevice(bob, alice, phone.deviceId(), unique("td"), 1);
    sendToDevice(bob, alice, "*", unique("td"), 2);
    List<Integer> seen = new ArrayList<>();
    phone.syncUntil(
        "both",
        sync -> {
          toDevice(sync).forEach(event -> seen.add(event.at("/content/n").asInt()));
          return seen.size() >= 2;
        });
    assertThat(seen).containsExactly(1, 2);
    JsonNode desk = toDevice(alice.syncUntil("one", sync -> !toDevice(sync).isEmpty()));
    assertThat(desk).hasSize(1);
    assertThat(desk.get(0).at("/content/n").asInt()).isEqualTo(2);
  }

  @Test
  void aToDeviceMessageWakesALongPoll() throws Exception {
    alice.sync();
    var poll = alice.getAsync(V3 + "/sync?timeout=30000&since=" + encode(alice.since()));
    sendToDevice(bob, alice, alice.deviceId(), unique("td"), 7);
    JsonNode woken = poll.get(20, java.util.concurrent.TimeUnit.SECONDS).ok();
    assertThat(toDevice(woken).get(0).at("/content/n").asInt()).isEqualTo(7);
  }

  @Test
  void deviceListsFollowKeysJoinsAndLeaves() {
    String room =
        alice.createRoom(
            "preset",
            "public_chat",
            "initial_state",
            List.of(
                Map.of(
                    "type", "m.room.encryption",
                    "state_key", "",
                    "content", Map.of("algorithm", "m.megolm.v1.aes-sha2"))));
    upload(bob, "device_keys", deviceKeys(bob));
    alice.sync();
    bob.join(room);
    alice.syncUntil(
        "bob as changed: he joined", sync -> lists(sync, "changed").contains(bob.userId()));
    Client phone = bob.login();
    upload(phone, "device_keys", deviceKeys(phone));
    alice.syncUntil(
        "bob as changed: a new device", sync -> lists(sync, "changed").contains(bob.userId()));
    phone.post(V3 + "/logout", Json.object()).ok();
    alice.syncUntil(
        "bob as changed: a device is gone", sync -> lists(sync, "changed").contains(bob.userId()));
    bob.membership("leave", room).ok();
    alice.syncUntil("bob as left", sync -> lists(sync, "left").contains(bob.userId()));
    Client carol = Client.register(server.baseUrl(), "carol");
    upload(carol, "device_keys", deviceKeys(carol));
    alice.say(room, "nobody here");
    JsonNode unrelated = alice.sync();
    assertThat(lists(unrelated, "changed")).doesNotContain(carol.userId());
  }

  private static String lists(JsonNode sync, String which) {
    return sync.at("/device_lists").path(which).toString();
  }
}
