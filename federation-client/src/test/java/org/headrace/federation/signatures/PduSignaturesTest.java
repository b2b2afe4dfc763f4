package org.headrace.federation.signatures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.federation.fixture.TestTenants.key;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.fixture.KeyDocument;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.World;
import org.headrace.federation.signatures.PduSignatures.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PduSignaturesTest {
  private static final SigningKey KEY = key("a", "ed25519:1");
  private static final SigningKey OLD = key("a", "ed25519:old");
  private static final long DAY = Duration.ofDays(1).toMillis();

  @TempDir Path folder;
  private World world;
  private RemoteServer first;
  private RemoteServer second;
  private PduSignatures signatures;
  private LocalSignatures local;

  @BeforeEach
  void open() {
    world = new World(folder);
    first = server();
    second = server();
    signatures = world.federation().pduSignatures();
    local = world.federation().localSignatures();
  }

  @AfterEach
  void close() throws Exception {
    first.close();
    second.close();
    world.close();
  }

  @Test
  void theSendersServerMustHaveSigned() {
    ObjectNode event = message(name(first));
    assertThat(verify(signed(event, name(first), KEY))).isEqualTo(Verdict.VALID);
    assertThat(verify(event)).isEqualTo(Verdict.MISSING);
    assertThat(verify(signed(event, name(second), KEY))).isEqualTo(Verdict.MISSING);
  }

  @Test
  void aRedactedCopyIsAsGoodAsTheWhole() {
    ObjectNode event = signed(message(name(first)), name(first), KEY);
    event.set("content", Json.object());
    assertThat(verify(event)).isEqualTo(Verdict.VALID);
  }

  @Test
  void aSignatureOfSomethingElseIsInvalid() {
    ObjectNode event = signed(message(name(first)), name(first), KEY);
    event.put("depth", 9);
    assertThat(verify(event)).isEqualTo(Verdict.INVALID);
    ObjectNode forged =
        EventSignatures.sign(
            message(name(first)), RoomVersion.V11, name(first), key("mallory", "ed25519:1"));
    assertThat(verify(forged)).isEqualTo(Verdict.INVALID);
  }

  @Test
  void allSignaturesWithKnownKeysMustBeValid() {
    ObjectNode event = signed(message(name(first)), name(first), KEY);
    event.put("origin_server_ts", now() - 10);
    ObjectNode resigned = signed(event, name(first), OLD);
    assertThat(verify(resigned)).isEqualTo(Verdict.INVALID);
  }

  @Test
  void signaturesWithUnknownKeysArePassedOver() {
    ObjectNode event = signed(message(name(first)), name(first), KEY);
    ObjectNode more =
        JsonSigner.withSignature(event, name(first).value(), "ed25519:policy_server", "AAAA");
    more = JsonSigner.withSignature(more, name(first).value(), "ed25519:unknown", "AAAA");
    more = JsonSigner.withSignature(more, name(first).value(), "rsa:1", "AAAA");
    assertThat(verify(more)).isEqualTo(Verdict.VALID);
    ObjectNode policyAlone =
        JsonSigner.withSignature(
            message(name(first)), name(first).value(), "ed25519:policy_server", "AAAA");
    assertThat(verify(policyAlone)).isEqualTo(Verdict.MISSING);
  }

  @Test
  void tooManySignaturesAreNotBelieved() {
    ObjectNode event = signed(message(name(first)), name(first), KEY);
    for (int i = 0; i < PduSignatures.SIGNATURES_MAX; i++) {
      event = JsonSigner.withSignature(event, name(first).value(), "ed25519:x" + i, "AAAA");
    }
    assertThat(verify(event)).isEqualTo(Verdict.INVALID);
  }

  @Test
  void anOldKeyCountsForItsTime() {
    ObjectNode event = message(name(first)).put("origin_server_ts", now() - 2 * DAY);
    assertThat(verify(signed(event, name(first), OLD))).isEqualTo(Verdict.VALID);
    event.put("origin_server_ts", now() - DAY + 1);
    assertThat(verify(signed(event, name(first), OLD))).isEqualTo(Verdict.KEY_UNKNOWN);
  }

  @Test
  void theEndOfAKeyCountsFromRoomVersion5() {
    ObjectNode event = message(name(first)).put("origin_server_ts", now() + 2 * DAY);
    for (RoomVersion version : RoomVersion.supportedStable()) {
      ObjectNode own = event.deepCopy();
      if (version.events().idGiven()) {
        own.put("event_id", "$1:" + name(first));
      }
      ObjectNode signed = EventSignatures.hashAndSign(own, version, name(first), KEY);
      assertThat(signatures.verify(signed, version))
          .as(version.toString())
          .isEqualTo(version.events().keyValidity() ? Verdict.KEY_UNKNOWN : Verdict.VALID);
    }
  }

  @Test
  void theServerOfTheEventIdMustHaveSignedInVersions1And2() {
    ObjectNode event = message(name(first)).put("event_id", "$1:" + name(second));
    ObjectNode one = EventSignatures.hashAndSign(event, RoomVersion.V1, name(first), KEY);
    assertThat(signatures.verify(one, RoomVersion.V1)).isEqualTo(Verdict.MISSING);
    ObjectNode both = EventSignatures.sign(one, RoomVersion.V1, name(second), KEY);
    assertThat(signatures.verify(both, RoomVersion.V1)).isEqualTo(Verdict.VALID);
    ObjectNode later = EventSignatures.hashAndSign(event, RoomVersion.V3, name(first), KEY);
    assertThat(signatures.verify(later, RoomVersion.V3)).isEqualTo(Verdict.VALID);
  }

  @Test
  void aThirdPartyInviteNeedsNoSignatureOfItsSender() {
    ObjectNode event = member("invite", "@u:elsewhere.example");
    event.withObject("/content").putObject("third_party_invite");
    assertThat(verify(event)).isEqualTo(Verdict.VALID);
    event.withObject("/content").put("membership", "join");
    assertThat(verify(event)).isEqualTo(Verdict.MISSING);
  }

  @Test
  void theServerThatAuthorisesARestrictedJoinMustHaveSigned() {
    ObjectNode event = member("join", "@u:" + name(first));
    event.withObject("/content").put("join_authorised_via_users_server", "@admin:" + name(second));
    ObjectNode one = signed(event, name(first), KEY);
    assertThat(verify(one)).isEqualTo(Verdict.NOT_AUTHORISED);
    assertThat(verify(EventSignatures.sign(one, RoomVersion.V11, name(second), KEY)))
        .isEqualTo(Verdict.VALID);
    ObjectNode early = EventSignatures.hashAndSign(event, RoomVersion.V7, name(first), KEY);
    assertThat(signatures.verify(early, RoomVersion.V7)).isEqualTo(Verdict.VALID);
  }

  @Test
  void aTenantsSignatureIsCheckedWithItsOwnKeys() {
    ObjectNode event = hashed(message(World.HERE));
    assertThat(verify(local.complete(event, RoomVersion.V11))).isEqualTo(Verdict.VALID);
    assertThat(verify(signed(event, World.HERE, key("mallory", "ed25519:1"))))
        .isEqualTo(Verdict.INVALID);
  }

  @Test
  void asksEachServerOnceForManyEvents() {
    List<ObjectNode> events = new ArrayList<>();
    List<Verdict> expected = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      ServerName sender = name(i % 2 == 0 ? first : second);
      ObjectNode event = signed(message(sender).put("depth", i), sender, KEY);
      if (i % 5 == 0) {
        event.put("depth", 100);
      }
      events.add(event);
      expected.add(i % 5 == 0 ? Verdict.INVALID : Verdict.VALID);
    }
    assertThat(signatures.verifyAll(events, RoomVersion.V11)).isEqualTo(expected);
    assertThat(first.requests()).hasSize(1);
    assertThat(second.requests()).hasSize(1);
  }

  @Test
  void nonsenseIsInvalid() {
    for (String json :
        List.of(
            "{}",
            "{\"sender\": 5}",
            "{\"sender\": \"@u\", \"signatures\": []}",
            "{\"sender\": \"@u:a.example\", \"signatures\": {\"a.example\": [1]}}",
            "{\"sender\": \"@u:a.example\", \"signatures\": 1}")) {
      ObjectNode event = Json.parseObject(json.getBytes(StandardCharsets.UTF_8));
      assertThat(signatures.verify(event, RoomVersion.V11))
          .as(json)
          .isIn(Verdict.INVALID, Verdict.MISSING);
    }
    assertThat(signatures.verifyAll(Collections.emptyList(), RoomVersion.V11)).isEmpty();
  }

  @Test
  void aTenantSignsWhatItMade() {
    ObjectNode join = member("join", "@u:" + name(first));
    join.withObject("/content").put("join_authorised_via_users_server", "@admin:" + World.HERE);
    ObjectNode remote = signed(join, name(first), KEY);
    ObjectNode completed = local.complete(remote, RoomVersion.V11);
    assertThat(completed.path("signatures").properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder(name(first).value(), "here.example");
    assertThat(verify(completed)).isEqualTo(Verdict.VALID);
    assertThat(EventHashes.eventId(completed, RoomVersion.V11))
        .isEqualTo(EventHashes.eventId(remote, RoomVersion.V11));
  }

  @Test
  void aTenantSignsWithItsNewestKeyAndTheOldOneStillCounts() {
    ObjectNode event = hashed(message(World.HERE));
    ObjectNode before = local.complete(event, RoomVersion.V11);
    world.tenants.rotate(World.HERE, "ed25519:2", now());
    ObjectNode after = local.complete(event, RoomVersion.V11);
    assertThat(before.at("/signatures/here.example").has("ed25519:1")).isTrue();
    assertThat(after.at("/signatures/here.example").has("ed25519:2")).isTrue();
    assertThat(verify(before)).isEqualTo(Verdict.VALID);
    assertThat(verify(after)).isEqualTo(Verdict.VALID);
  }

  @Test
  void nothingIsSignedForOthers() {
    ObjectNode remote = signed(message(name(first)), name(first), KEY);
    assertThat(local.complete(remote, RoomVersion.V11)).isEqualTo(remote);
  }

  /** Anybody may send an invite in a tenant's user's name, with a third party's signature. */
  @Test
  void aThirdPartyInviteFromElsewhereIsNotVouchedFor() {
    ObjectNode invite = member("invite", "@u:" + World.HERE);
    invite.withObject("/content").putObject("third_party_invite");
    ObjectNode own = local.complete(hashed(invite), RoomVersion.V11);
    assertThat(own.path("signatures").has("here.example")).isTrue();
    ObjectNode foreign = signed(invite, name(first), KEY);
    assertThat(local.complete(foreign, RoomVersion.V11)).isEqualTo(foreign);
  }

  private RemoteServer server() {
    return new RemoteServer(
        world.authority.serverFor("127.0.0.1"),
        exchange ->
            RemoteServer.send(
                exchange,
                200,
                new KeyDocument(exchange.getRequestHeaders().getFirst("Host"), now() + DAY)
                    .with(KEY)
                    .withOld(OLD, now() - DAY)
                    .signed()
                    .toString()));
  }

  private Verdict verify(ObjectNode event) {
    return signatures.verify(event, RoomVersion.V11);
  }

  private static ObjectNode hashed(ObjectNode event) {
    return EventHashes.withContentHash(event, RoomVersion.V11);
  }

  private static ObjectNode signed(ObjectNode event, ServerName signer, SigningKey key) {
    return EventSignatures.hashAndSign(event, RoomVersion.V11, signer, key);
  }

  private ObjectNode message(ServerName server) {
    ObjectNode event = event("@u:" + server, "m.room.message");
    event.putObject("content").put("body", "x");
    return event;
  }

  private ObjectNode member(String membership, String sender) {
    ObjectNode event = event(sender, "m.room.member").put("state_key", "@target:t.example");
    event.putObject("content").put("membership", membership);
    return event;
  }

  private ObjectNode event(String sender, String type) {
    return Json.object()
        .put("type", type)
        .put("sender", sender)
        .put("room_id", "!r:r.example")
        .put("origin_server_ts", now())
        .put("depth", 5);
  }

  private static ServerName name(RemoteServer server) {
    return new ServerName("127.0.0.1:" + server.port());
  }

  private long now() {
    return world.clock.millis();
  }
}
