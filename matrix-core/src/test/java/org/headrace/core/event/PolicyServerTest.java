package org.headrace.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyServerTest {
  private static final UserId ALICE = new UserId("@alice:a");
  private static final ServerName POLICY = new ServerName("policy.example.org");
  private static final SigningKey KEY = SigningKey.fromSeed(PolicyServer.KEY_ID, new byte[32]);

  @Test
  void aRoomUsesOneThatItNamesWithAKeyAndThatIsJoined() {
    assertThat(of(content())).map(PolicyServer::via).contains(POLICY);
    assertThat(PolicyServer.of(content(), server -> false)).isEmpty();
    assertThat(of(Json.object())).isEmpty();
    assertThat(of(content().put("via", 1))).isEmpty();
    assertThat(of(content().put("via", "no server!"))).isEmpty();
    ObjectNode otherKey = content();
    otherKey.putObject("public_keys").put("rsa", "AAAA");
    assertThat(of(otherKey)).isEmpty();
    assertThat(of(content().put("public_keys", "AAAA"))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("org.headrace.core.roomversion.RoomVersion#supportedStable")
  void recommendsWhatItHasSigned(RoomVersion version) {
    PolicyServer policy = of(content()).orElseThrow();
    ObjectNode event = message(version);
    assertThat(policy.recommends(event, version)).isFalse();
    ObjectNode signed = EventSignatures.sign(event, version, POLICY, KEY);
    assertThat(policy.recommends(signed, version)).isTrue();
    assertThat(policy.recommends(Redaction.redact(signed, version), version)).isTrue();
    assertThat(policy.recommends(signed.deepCopy().put("depth", 1_000), version)).isFalse();
    SigningKey published = SigningKey.fromSeed("ed25519:1", new byte[32]);
    ObjectNode otherId = EventSignatures.sign(event, version, POLICY, published);
    assertThat(policy.recommends(otherId, version)).isFalse();
  }

  @Test
  void takesItsAnswerIfTheSignatureHolds() {
    RoomVersion version = RoomVersion.V12;
    PolicyServer policy = of(content()).orElseThrow();
    ObjectNode event = JsonSigner.withSignature(message(version), "a", "ed25519:1", "AAAA");
    ObjectNode answer =
        (ObjectNode) EventSignatures.sign(message(version), version, POLICY, KEY).get("signatures");
    ObjectNode signed = policy.withRecommendation(event, version, answer).orElseThrow();
    assertThat(policy.recommends(signed, version)).isTrue();
    assertThat(signed.at("/signatures/a/ed25519:1").asText()).isEqualTo("AAAA");
    assertThat(policy.withRecommendation(event, version, Json.object())).isEmpty();
    ((ObjectNode) answer.path(POLICY.value())).put(PolicyServer.KEY_ID, "AAAA");
    assertThat(policy.withRecommendation(event, version, answer)).isEmpty();
  }

  @Test
  void isNeverAskedAboutTheEventThatSetsIt() {
    ObjectNode event = message(RoomVersion.V12).put("type", "m.room.policy");
    assertThat(PolicyServer.isExempt(event)).isFalse();
    assertThat(PolicyServer.isExempt(event.put("state_key", "x"))).isFalse();
    assertThat(PolicyServer.isExempt(event.put("state_key", ""))).isTrue();
    assertThat(of(content()).orElseThrow().recommends(event, RoomVersion.V12)).isTrue();
    assertThat(PolicyServer.isExempt(event.put("type", "m.room.name"))).isFalse();
  }

  @Test
  void whatIsNoKeyRecommendsNothing() {
    ObjectNode content = content();
    content.putObject("public_keys").put("ed25519", "no key");
    PolicyServer policy = of(content).orElseThrow();
    ObjectNode signed =
        EventSignatures.sign(message(RoomVersion.V12), RoomVersion.V12, POLICY, KEY);
    assertThat(policy.recommends(signed, RoomVersion.V12)).isFalse();
  }

  private static Optional<PolicyServer> of(ObjectNode content) {
    return PolicyServer.of(content, POLICY::equals);
  }

  private static ObjectNode content() {
    ObjectNode content = Json.object().put("via", POLICY.value());
    content.putObject("public_keys").put("ed25519", KEY.publicKeyBase64());
    return content;
  }

  private static ObjectNode message(RoomVersion version) {
    return RoomBuilder.publicRoom(version, ALICE).message(ALICE, "hi").json().deepCopy();
  }
}
