package org.headrace.federation.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.federation.fixture.TestTenants.key;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.fixture.KeyDocument;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerKeysTest {
  private static final String K1 = "ed25519:1";
  private static final String K2 = "ed25519:2";
  private static final long DAY = Duration.ofDays(1).toMillis();

  @TempDir Path folder;
  private World world;
  private RemoteServer server;
  private ServerName name;
  private volatile Function<ServerName, ObjectNode> document = server -> Json.object();

  @BeforeEach
  void open() {
    world = new World(folder);
    server = new RemoteServer(world.authority.serverFor("127.0.0.1"), this::answer);
    name = new ServerName("127.0.0.1:" + server.port());
    publish(document(DAY).with(key("a", K1)));
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    world.close();
  }

  @Test
  void fetchesAKeyOnceWhileItHolds() {
    ServerKeys keys = keys();
    assertThat(current(keys, K1)).isTrue();
    assertThat(current(keys, K1)).isTrue();
    world.clock.advance(Duration.ofHours(23));
    assertThat(current(keys, K1)).isTrue();
    assertThat(server.requests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.uri()).isEqualTo("/_matrix/key/v2/server");
              assertThat(request.authorization()).isEmpty();
            });
  }

  @Test
  void fetchesAKeyAgainWhenItsTimeIsOver() {
    ServerKeys keys = keys();
    assertThat(current(keys, K1)).isTrue();
    world.clock.advance(Duration.ofMillis(DAY + 1));
    publish(document(DAY).with(key("a", K2)));
    assertThat(current(keys, K1)).isFalse();
    assertThat(current(keys, K2)).isTrue();
  }

  @Test
  void believesNoValidityBeyondSevenDays() {
    publish(document(365 * DAY).with(key("a", K1)));
    ServerKeys keys = keys();
    assertThat(current(keys, K1)).isTrue();
    long end = now() + 7 * DAY;
    assertThat(keys.known(name).find(K1, end, true)).isPresent();
    assertThat(keys.known(name).find(K1, end + 1, true)).isEmpty();
    assertThat(keys.known(name).find(K1, end + 1, false)).isPresent();
  }

  @Test
  void anOldKeyCountsForEventsUntilItExpired() {
    long expired = now() - 5 * DAY;
    publish(document(DAY).with(key("a", K2)).withOld(key("a", K1), expired));
    KnownKeys known = keys().of(name, KeyNeed.of(K1, expired, true));
    assertThat(known.find(K1, expired, true)).isPresent();
    assertThat(known.find(K1, expired + 1, true)).isEmpty();
    assertThat(known.find(K1, expired + 1, false)).isEmpty();
  }

  @Test
  void aKeyThatVanishesStaysKnownForItsTime() {
    ServerKeys keys = keys();
    assertThat(current(keys, K1)).isTrue();
    long end = now() + DAY;
    world.clock.advance(Duration.ofDays(2));
    publish(document(DAY).with(key("a", K2)));
    assertThat(current(keys, K2)).isTrue();
    assertThat(keys.known(name).find(K1, end, true)).isPresent();
    assertThat(keys.known(name).find(K1, end + 1, true)).isEmpty();
  }

  @Test
  void refusesForgedAndMalformedAnswers() {
    SigningKey own = key("a", K1);
    ObjectNode forged = document(DAY).with(own).signed();
    forged.put("valid_until_ts", now() + 2 * DAY);
    ObjectNode unsigned = document(DAY).with(own).signed();
    unsigned.remove("signatures");
    ObjectNode otherServer = new KeyDocument("other.example", now() + DAY).with(own).signed();
    ObjectNode noEnd = document(DAY).with(own).signed();
    noEnd.remove("valid_until_ts");
    // The old key alone signs: whoever has it can say nothing any more.
    ObjectNode byOld =
        JsonSigner.sign(
            withoutSignatures(document(DAY).with(own).withOld(key("a", K2), now() - DAY)),
            name.value(),
            key("a", K2));
    for (ObjectNode bad : List.of(forged, unsigned, otherServer, noEnd, byOld, Json.object())) {
      document = asked -> bad;
      assertThat(current(keys(), K1)).as(bad.toString()).isFalse();
    }
  }

  @Test
  void keysOfOtherAlgorithmsAreLeftOut() {
    KeyDocument mixed = document(DAY).with(key("a", K1));
    ObjectNode json = withoutSignatures(mixed);
    json.withObject("/verify_keys").putObject("rsa:1").put("key", "AAAA");
    ObjectNode signed = JsonSigner.sign(json, name.value(), key("a", K1));
    document = asked -> signed;
    ServerKeys keys = keys();
    assertThat(current(keys, K1)).isTrue();
    assertThat(keys.known(name).keys()).containsOnlyKeys(K1);
  }

  @Test
  void anUnknownKeyIsAskedForOnceAMinute() {
    ServerKeys keys = keys();
    for (int i = 0; i < 10; i++) {
      assertThat(current(keys, "ed25519:unknown" + i)).isFalse();
    }
    assertThat(server.requests()).hasSize(1);
    world.clock.advance(Duration.ofMinutes(1));
    assertThat(current(keys, "ed25519:unknown")).isFalse();
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void aFailingServerIsAskedLessAndLess() {
    document =
        asked -> {
          throw new IllegalStateException("broken");
        };
    ServerKeys keys = keys();
    int asked = 0;
    for (int seconds : new int[] {10, 20, 40, 80, 160, 300, 300}) {
      assertThat(current(keys, K1)).isFalse();
      assertThat(server.requests()).hasSize(++asked);
      world.clock.advance(Duration.ofMillis(seconds * 1_000L - 1));
      assertThat(current(keys, K1)).isFalse();
      assertThat(server.requests()).hasSize(asked);
      world.clock.advance(Duration.ofMillis(1));
    }
    publish(document(DAY).with(key("a", K1)));
    assertThat(current(keys, K1)).isTrue();
  }

  @Test
  void aServerIsAskedOnceAtATime() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    ObjectNode answer = document(DAY).with(key("a", K1)).signed();
    document =
        asked -> {
          awaitQuietly(go);
          return answer;
        };
    ServerKeys keys = keys();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> found = new ArrayList<>();
      CountDownLatch started = new CountDownLatch(50);
      for (int i = 0; i < 50; i++) {
        found.add(
            threads.submit(
                () -> {
                  started.countDown();
                  return current(keys, K1);
                }));
      }
      started.await();
      go.countDown();
      for (Future<Boolean> each : found) {
        assertThat(each.get()).isTrue();
      }
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void whatIsStoredNeedsNoFetching() {
    assertThat(current(keys(), K1)).isTrue();
    ServerKeys restarted = keys();
    assertThat(current(restarted, K1)).isTrue();
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void keysGoThroughJsonUnchanged() {
    publish(document(DAY).with(key("a", K2)).withOld(key("a", K1), now() - DAY));
    KnownKeys known = keys().of(name, KeyNeed.of(K2, now(), true));
    assertThat(KnownKeys.fromJson(known.toJson())).isEqualTo(known);
    assertThat(known.keys()).hasSize(2);
  }

  @Test
  void keysOfTenantsComeFromHere() {
    ServerKeys keys = keys();
    world.tenants.rotate(World.HERE, "ed25519:new", now());
    KnownKeys known = keys.of(World.HERE, KeyNeed.of("ed25519:other", now(), true));
    assertThat(known.find("ed25519:new", now() + 100 * DAY, true)).isPresent();
    assertThat(known.find(K1, now(), true)).isPresent();
    assertThat(known.find(K1, now() + 1, true)).isEmpty();
    assertThat(world.names.asked()).isEmpty();
  }

  @Test
  void anAnswerMayHave1000Keys() {
    for (int count : new int[] {1_000, 1_001}) {
      KeyDocument many = document(DAY).with(key("a", K1));
      SigningKey old = key("a", K2);
      for (int i = 1; i < count; i++) {
        many.withOld(SigningKey.fromSeed("ed25519:o" + i, seedOf(old, i)), now() - i);
      }
      publish(many);
      assertThat(current(keys(), K1)).isEqualTo(count == 1_000);
      world.store.save(name, KnownKeys.NONE);
    }
  }

  @Test
  void aNotaryIsAskedForWhatTheServerDoesNotGive() {
    SigningKey notaryKey = key("notary", K1);
    ObjectNode keysOfServer = document(DAY).with(key("a", K1)).signed();
    try (RemoteServer notary = notary(notaryKey, notaryKey, keysOfServer)) {
      document =
          asked -> {
            throw new IllegalStateException("away");
          };
      world.notaries(new ServerName("127.0.0.1:" + notary.port()));
      ServerKeys keys = keys();
      assertThat(current(keys, K1)).isTrue();
      assertThat(current(keys, K1)).isTrue();
      assertThat(notary.requests())
          .extracting(RemoteServer.Request::uri)
          .containsExactly("/_matrix/key/v2/query", "/_matrix/key/v2/server");
      ObjectNode question = json(notary.requests().get(0).body());
      assertThat(question.at("/server_keys").path(name.value()).path(K1))
          .isEqualTo(Json.object().put("minimum_valid_until_ts", now()));
    }
  }

  @Test
  void noNotaryIsAskedForWhatTheServerGives() {
    SigningKey notaryKey = key("notary", K1);
    try (RemoteServer notary = notary(notaryKey, notaryKey, Json.object())) {
      world.notaries(new ServerName("127.0.0.1:" + notary.port()));
      assertThat(current(keys(), K1)).isTrue();
      assertThat(notary.requests()).isEmpty();
    }
  }

  @Test
  void aNotaryMustSignAndSoMustTheServer() {
    SigningKey notaryKey = key("notary", K1);
    ObjectNode good = document(DAY).with(key("a", K1)).signed();
    ObjectNode forged = good.deepCopy().put("valid_until_ts", now() + 2 * DAY);
    document =
        asked -> {
          throw new IllegalStateException("away");
        };
    try (RemoteServer notary = notary(notaryKey, key("impostor", K1), good)) {
      world.notaries(new ServerName("127.0.0.1:" + notary.port()));
      assertThat(current(keys(), K1)).isFalse();
    }
    try (RemoteServer notary = notary(notaryKey, notaryKey, forged)) {
      world.notaries(new ServerName("127.0.0.1:" + notary.port()));
      assertThat(current(keys(), K1)).isFalse();
    }
  }

  @Test
  void aNotaryRevivesNoKeyThatTheServerHasEnded() {
    SigningKey notaryKey = key("notary", K1);
    ObjectNode stale = document(5 * DAY).with(key("a", K1)).signed();
    publish(document(DAY).with(key("a", K2)).withOld(key("a", K1), now() - DAY));
    try (RemoteServer notary = notary(notaryKey, notaryKey, stale)) {
      world.notaries(new ServerName("127.0.0.1:" + notary.port()));
      assertThat(current(keys(), K1)).isFalse();
    }
  }

  /** An answer of long ago is genuine, and says nothing about today. */
  @Test
  void aReplayedAnswerMakesNoKeyValidAgain() {
    publish(document(-DAY).with(key("a", K1)));
    ServerKeys keys = keys();
    assertThat(current(keys, K1)).isFalse();
    assertThat(keys.known(name).find(K1, now() - DAY, true)).isPresent();
  }

  @Test
  void manyServersAreAskedForAtTheNotaryFirst() {
    SigningKey notaryKey = key("notary", K1);
    ServerName dead1 = new ServerName("dead1.example:1");
    ServerName dead2 = new ServerName("dead2.example:1");
    ObjectNode first = new KeyDocument(dead1.value(), now() + DAY).with(key("d1", K1)).signed();
    ObjectNode second = new KeyDocument(dead2.value(), now() + DAY).with(key("d2", K1)).signed();
    try (RemoteServer notary = notary(notaryKey, notaryKey, first, second)) {
      world.notaries(new ServerName("127.0.0.1:" + notary.port()));
      Map<ServerName, KeyNeed> needs = new TreeMap<>();
      for (ServerName each : List.of(name, dead1, dead2)) {
        needs.put(each, KeyNeed.of(K1, now(), true));
      }
      Map<ServerName, KnownKeys> known = keys().ofAll(needs);
      assertThat(known.get(name).find(K1, now(), true)).isPresent();
      assertThat(known.get(dead1).find(K1, now(), true)).isPresent();
      assertThat(known.get(dead2).find(K1, now(), true)).isPresent();
      assertThat(server.requests()).hasSize(1);
      assertThat(notary.requests()).hasSize(2);
      assertThat(world.names.asked()).isEmpty();
    }
  }

  @Test
  void manyServersAreAskedOnceEach() {
    Map<ServerName, KeyNeed> needs = new TreeMap<>();
    needs.put(name, KeyNeed.of(K1, now(), true));
    needs.put(new ServerName("dead.example:1"), KeyNeed.of(K1, now(), true));
    ServerKeys keys = keys();
    for (int i = 0; i < 2; i++) {
      Map<ServerName, KnownKeys> known = keys.ofAll(needs);
      assertThat(known.get(name).find(K1, now(), true)).isPresent();
      assertThat(known.get(new ServerName("dead.example:1")).keys()).isEmpty();
    }
    assertThat(server.requests()).hasSize(1);
    assertThat(world.names.asked()).containsExactly("dead.example");
  }

  /** Answers for its own keys, and for others with these documents under a signature. */
  private RemoteServer notary(SigningKey own, SigningKey signing, ObjectNode... documents) {
    return new RemoteServer(
        world.authority.serverFor("127.0.0.1"),
        exchange -> {
          String notary = exchange.getRequestHeaders().getFirst("Host");
          ObjectNode answer =
              exchange.getRequestURI().getPath().endsWith("/server")
                  ? new KeyDocument(notary, now() + DAY).with(own).signed()
                  : KeyDocument.notarised(notary, signing, List.of(documents));
          RemoteServer.send(exchange, 200, answer.toString());
        });
  }

  private void answer(HttpExchange exchange) throws IOException {
    try {
      RemoteServer.send(exchange, 200, document.apply(name).toString());
    } catch (IllegalStateException e) {
      RemoteServer.send(exchange, 500, "");
    }
  }

  private void publish(KeyDocument published) {
    ObjectNode signed = published.signed();
    document = asked -> signed;
  }

  private KeyDocument document(long validForMillis) {
    return new KeyDocument(name.value(), now() + validForMillis);
  }

  private static ObjectNode withoutSignatures(KeyDocument document) {
    ObjectNode json = document.signed().deepCopy();
    json.remove("signatures");
    return json;
  }

  private ServerKeys keys() {
    return world.federation().keys();
  }

  /** Whether a signature of now counts. */
  private boolean current(ServerKeys keys, String keyId) {
    return keys.of(name, KeyNeed.of(keyId, now(), true)).find(keyId, now(), true).isPresent();
  }

  private long now() {
    return world.clock.millis();
  }

  private static byte[] seedOf(SigningKey key, int number) {
    byte[] seed = key.publicKey();
    seed[0] = (byte) number;
    seed[1] = (byte) (number >> 8);
    return seed;
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
