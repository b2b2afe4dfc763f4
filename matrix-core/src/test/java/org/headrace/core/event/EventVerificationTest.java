package org.headrace.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.ServerKeys;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventVerification.Outcome;
import org.headrace.core.fixture.RoomBuilder;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventVerificationTest {
  private static final UserId ALICE = new UserId("@alice:a");
  private static final ServerName A = new ServerName("a");
  private static final ServerName B = new ServerName("b");
  private static final SigningKey KEY = SigningKey.fromSeed("ed25519:1", new byte[32]);
  private static final SigningKey OTHER = key("ed25519:2", 2);

  @ParameterizedTest
  @MethodSource("org.headrace.core.roomversion.RoomVersion#supportedStable")
  void theSendersServerMustHaveSigned(RoomVersion version) {
    ObjectNode event = message(version);
    assertThat(EventVerification.requiredSigners(event, version)).containsExactly(A);
    assertThat(check(event, version, KEY)).isEqualTo(Outcome.MISSING);
    ObjectNode signed = EventSignatures.sign(event, version, A, KEY);
    assertThat(check(signed, version, KEY)).isEqualTo(Outcome.VALID);
    assertThat(check(Redaction.redact(signed, version), version, KEY)).isEqualTo(Outcome.VALID);
    assertThat(check(signed, version, OTHER)).isEqualTo(Outcome.KEY_UNKNOWN);
    ObjectNode changed = signed.deepCopy().put("depth", 1_000);
    assertThat(check(changed, version, KEY)).isEqualTo(Outcome.INVALID);
  }

  @Test
  void givenIdsMustBeSignedByTheirServerToo() {
    for (RoomVersion version : RoomVersion.supportedStable()) {
      ObjectNode event = message(version).put("event_id", "$1:b");
      if (version.events().idGiven()) {
        assertThat(EventVerification.requiredSigners(event, version)).containsExactly(A, B);
      } else {
        assertThat(EventVerification.requiredSigners(event, version)).containsExactly(A);
      }
    }
  }

  @Test
  void anAcceptedThirdPartyInviteNeedsNoSignatureOfItsSender() {
    ObjectNode event = message(RoomVersion.V2).put("type", "m.room.member").put("event_id", "$1:b");
    event.put("state_key", "@bob:b");
    ObjectNode content = event.putObject("content").put("membership", "invite");
    assertThat(EventVerification.requiredSigners(event, RoomVersion.V2)).containsExactly(A, B);
    assertThat(EventVerification.requiredSigners(event, RoomVersion.V12)).containsExactly(A);
    content.putObject("third_party_invite");
    assertThat(EventVerification.requiredSigners(event, RoomVersion.V2)).containsExactly(B);
    assertThat(EventVerification.requiredSigners(event, RoomVersion.V12)).isEmpty();
    content.put("membership", "join");
    assertThat(EventVerification.requiredSigners(event, RoomVersion.V12)).containsExactly(A);
  }

  @Test
  void aRestrictedJoinNamesTheServerThatAuthorisesIt() {
    ObjectNode event = message(RoomVersion.V12).put("type", "m.room.member");
    ObjectNode content = event.putObject("content").put("membership", "join");
    assertThat(EventVerification.authorisingServer(event, RoomVersion.V8)).isEmpty();
    content.put("join_authorised_via_users_server", "@bob:b");
    assertThat(EventVerification.authorisingServer(event, RoomVersion.V7)).isEmpty();
    assertThat(EventVerification.authorisingServer(event, RoomVersion.V8)).contains(B);
    content.put("join_authorised_via_users_server", "bob");
    assertThat(EventVerification.authorisingServer(event, RoomVersion.V8)).isEmpty();
    event.put("type", "m.room.message");
    assertThat(EventVerification.authorisingServer(event, RoomVersion.V8)).isEmpty();
  }

  @Test
  void signaturesWithUnknownKeysArePassedOverAndOthersMustAllHold() {
    RoomVersion version = RoomVersion.V12;
    ObjectNode signed = EventSignatures.sign(message(version), version, A, KEY);
    ObjectNode policy = JsonSigner.withSignature(signed, "a", PolicyServer.KEY_ID, "AAAA");
    assertThat(check(policy, version, KEY)).isEqualTo(Outcome.VALID);
    ObjectNode twice = EventSignatures.sign(policy, version, A, OTHER);
    assertThat(check(twice, version, KEY, OTHER)).isEqualTo(Outcome.VALID);
    ObjectNode wrong = JsonSigner.withSignature(signed, "a", OTHER.keyId(), "AAAA");
    assertThat(check(wrong, version, KEY)).isEqualTo(Outcome.VALID);
    assertThat(check(wrong, version, KEY, OTHER)).isEqualTo(Outcome.INVALID);
    ObjectNode strange = JsonSigner.withSignature(message(version), "a", "rsa:1", "AAAA");
    assertThat(EventVerification.keyIds(strange, A)).isEmpty();
    assertThat(check(strange, version, KEY)).isEqualTo(Outcome.MISSING);
  }

  @Test
  void keysMustHoldAtTheEventsTimeFromVersion5On() {
    long fetched = 1_700_000_000_000L;
    ObjectNode response = Json.object().put("server_name", "a").put("valid_until_ts", 1_000);
    response.putObject("verify_keys").putObject(KEY.keyId()).put("key", KEY.publicKeyBase64());
    ServerKeys keys = ServerKeys.parse(JsonSigner.sign(response, "a", KEY));
    for (RoomVersion version : RoomVersion.supportedStable()) {
      boolean enforces = RoomVersion.supportedStable().indexOf(version) >= 4;
      for (long time : new long[] {1_000, 1_001}) {
        ObjectNode event = message(version).put("origin_server_ts", time);
        ObjectNode signed = EventSignatures.sign(event, version, A, KEY);
        EventVerification.KeyLookup lookup =
            EventVerification.keysFor(signed, version, keys, fetched);
        assertThat(EventVerification.check(signed, version, A, lookup))
            .as("%s at %s", version, time)
            .isEqualTo(enforces && time > 1_000 ? Outcome.KEY_UNKNOWN : Outcome.VALID);
      }
    }
  }

  private static Outcome check(ObjectNode event, RoomVersion version, SigningKey... known) {
    Map<String, ServerKeys.PublicKey> keys = new TreeMap<>();
    for (SigningKey key : known) {
      keys.put(key.keyId(), ServerKeys.PublicKey.ofBytes(key.publicKey()));
    }
    return EventVerification.check(event, version, A, id -> Optional.ofNullable(keys.get(id)));
  }

  private static ObjectNode message(RoomVersion version) {
    return RoomBuilder.publicRoom(version, ALICE).message(ALICE, "hi").json().deepCopy();
  }

  private static SigningKey key(String id, int seed) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) seed;
    return SigningKey.fromSeed(id, bytes);
  }
}
