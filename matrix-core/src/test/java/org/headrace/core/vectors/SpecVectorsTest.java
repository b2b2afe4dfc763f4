package org.headrace.core.vectors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.EventVerification;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.push.DefaultPushRules;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The specification's own examples and test values, as they stand in its text. */
class SpecVectorsTest {

  @TestFactory
  Stream<DynamicTest> canonicalJson() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode example : Vectors.read("spec/canonical-json.json").path("examples")) {
      String canonical = example.path("canonical").asText();
      JsonNode json = Json.parse(example.path("json").asText().getBytes(UTF_8));
      tests.add(
          DynamicTest.dynamicTest(
              canonical,
              () -> {
                assertThat(new String(CanonicalJson.encode(json), UTF_8)).isEqualTo(canonical);
                // Before version 6 a number with an exponent is a float, and written as one.
                if (!example.path("json").asText().contains("e10")) {
                  assertThat(new String(CanonicalJson.encodeLenient(json), UTF_8))
                      .isEqualTo(canonical);
                }
              }));
    }
    assertThat(tests).hasSize(10);
    return tests.stream();
  }

  @Test
  void signedObjects() {
    JsonNode vectors = Vectors.read("spec/signing.json");
    SigningKey key = key(vectors);
    String server = vectors.path("server_name").asText();
    for (JsonNode example : vectors.path("objects")) {
      ObjectNode object = (ObjectNode) example.path("unsigned");
      assertThat(JsonSigner.sign(object, server, key)).isEqualTo(example.path("signed"));
      assertThat(
              JsonSigner.verify(
                  (ObjectNode) example.path("signed"), server, key.keyId(), key.publicKey()))
          .isTrue();
    }
  }

  /** Their redaction keeps the same in all versions up to 10, so one signature fits all. */
  @Test
  void signedEvents() {
    JsonNode vectors = Vectors.read("spec/signing.json");
    SigningKey key = key(vectors);
    ServerName server = new ServerName(vectors.path("server_name").asText());
    for (JsonNode example : vectors.path("events")) {
      for (RoomVersion version : RoomVersion.supportedStable().subList(0, 10)) {
        ObjectNode signed =
            EventSignatures.hashAndSign((ObjectNode) example.path("event"), version, server, key);
        assertThat(signed).as("%s", version).isEqualTo(example.path("signed"));
        assertThat(EventHashes.contentHashMatches(signed, version)).isTrue();
        assertThat(EventSignatures.verify(signed, version, server, key.keyId(), key.publicKey()))
            .isTrue();
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> pdusOfEachVersion() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode example : Vectors.read("spec/pdus.json").path("examples")) {
      for (JsonNode id : example.path("room_versions")) {
        RoomVersion version = RoomVersion.find(id.asText()).orElseThrow();
        tests.add(
            DynamicTest.dynamicTest(
                example.path("name").asText() + " in " + version,
                () -> isWellFormed((ObjectNode) example.path("pdu"), version)));
      }
    }
    assertThat(tests).hasSize(15);
    return tests.stream();
  }

  private static void isWellFormed(ObjectNode pdu, RoomVersion version) {
    assertThat(EventFormat.check(pdu, version)).isEmpty();
    boolean authorised = pdu.path("content").has("join_authorised_via_users_server");
    assertThat(EventVerification.requiredSigners(pdu, version))
        .containsExactly(new ServerName("example.com"));
    assertThat(EventVerification.authorisingServer(pdu, version))
        .isEqualTo(
            authorised ? Optional.of(new ServerName("resident.example.com")) : Optional.empty());
    switch (version.events().eventIds()) {
      case GIVEN ->
          assertThat(EventHashes.eventId(pdu, version).value())
              .isEqualTo(pdu.path("event_id").asText());
      case BASE64_HASH ->
          assertThat(EventHashes.eventId(pdu, version).value()).matches("\\$[A-Za-z0-9+/]{43}");
      case URL_SAFE_HASH ->
          assertThat(EventHashes.eventId(pdu, version).value()).matches("\\$[A-Za-z0-9_-]{43}");
    }
  }

  @Test
  void defaultPushRules() {
    JsonNode vectors = Vectors.read("spec/default-push-rules.json");
    String mark = vectors.path("user_id_mark").asText();
    UserId user = new UserId("@bob:b");
    JsonNode ours = DefaultPushRules.forUser(user).path("global");
    for (String kind : List.of("override", "underride")) {
      String text = vectors.path(kind).toString().replace(mark, user.value());
      assertThat(ours.path(kind)).isEqualTo(Json.parse(text.getBytes(UTF_8)));
    }
  }

  private static SigningKey key(JsonNode vectors) {
    return SigningKey.fromSeed(
        vectors.path("key_id").asText(), UnpaddedBase64.decode(vectors.path("seed").asText()));
  }
}
