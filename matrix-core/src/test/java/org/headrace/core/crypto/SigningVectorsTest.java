package org.headrace.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;

/** Spec appendices, "Cryptographic Test Vectors". */
class SigningVectorsTest {
  private static final SigningKey KEY =
      SigningKey.fromSeed(
          "ed25519:1", UnpaddedBase64.decode("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"));

  @Test
  void signsAnEmptyObject() {
    ObjectNode signed = JsonSigner.sign(json("{}"), "domain", KEY);
    assertThat(signed)
        .isEqualTo(
            json(
                """
                {"signatures":{"domain":{"ed25519:1":"K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTd\
                GYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ"}}}\
                """));
    assertThat(JsonSigner.verify(signed, "domain", "ed25519:1", KEY.publicKey())).isTrue();
  }

  @Test
  void signsAnObjectWithData() {
    ObjectNode signed = JsonSigner.sign(json("{\"one\":1,\"two\":\"Two\"}"), "domain", KEY);
    assertThat(signed.at("/signatures/domain/ed25519:1").asText())
        .isEqualTo(
            "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw");
    assertThat(JsonSigner.verify(signed, "domain", "ed25519:1", KEY.publicKey())).isTrue();
    signed.put("one", 2);
    assertThat(JsonSigner.verify(signed, "domain", "ed25519:1", KEY.publicKey())).isFalse();
  }

  @Test
  void keepsOtherSignaturesAndIgnoresUnsigned() {
    ObjectNode first = JsonSigner.sign(json("{\"a\":1}"), "one", KEY);
    ObjectNode both = JsonSigner.sign(first, "two", KEY);
    both.putObject("unsigned").put("age", 5);
    assertThat(JsonSigner.verify(both, "one", "ed25519:1", KEY.publicKey())).isTrue();
    assertThat(JsonSigner.verify(both, "two", "ed25519:1", KEY.publicKey())).isTrue();
    assertThat(JsonSigner.verify(both, "three", "ed25519:1", KEY.publicKey())).isFalse();
    assertThat(first.at("/signatures/two").isMissingNode()).isTrue();
  }

  @Test
  void signsAMinimalEvent() {
    ObjectNode signed =
        EventSignatures.hashAndSign(
            json(
                """
                {"room_id":"!x:domain","sender":"@a:domain","origin":"domain",
                 "origin_server_ts":1000000,"signatures":{},"hashes":{},"type":"X","content":{},
                 "prev_events":[],"auth_events":[],"depth":3,"unsigned":{"age_ts":1000000}}\
                """),
            RoomVersion.V1,
            new ServerName("domain"),
            KEY);
    assertThat(signed.at("/hashes/sha256").asText())
        .isEqualTo("5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos");
    assertThat(signed.at("/signatures/domain/ed25519:1").asText())
        .isEqualTo(
            "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg");
    assertThat(signed.at("/unsigned/age_ts").asInt()).isEqualTo(1000000);
  }

  @Test
  void signsAnEventWithRedactableContent() {
    ObjectNode signed =
        EventSignatures.hashAndSign(
            json(
                """
                {"content":{"body":"Here is the message content"},"event_id":"$0:domain",
                 "origin":"domain","origin_server_ts":1000000,"type":"m.room.message",
                 "room_id":"!r:domain","sender":"@u:domain","signatures":{},
                 "unsigned":{"age_ts":1000000}}\
                """),
            RoomVersion.V1,
            new ServerName("domain"),
            KEY);
    assertThat(signed.at("/hashes/sha256").asText())
        .isEqualTo("onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g");
    assertThat(signed.at("/signatures/domain/ed25519:1").asText())
        .isEqualTo(
            "Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA");
    assertThat(
            EventSignatures.verify(
                signed, RoomVersion.V1, new ServerName("domain"), "ed25519:1", KEY.publicKey()))
        .isTrue();
    // A redacted copy still verifies.
    signed.set("content", Json.object());
    assertThat(
            EventSignatures.verify(
                signed, RoomVersion.V1, new ServerName("domain"), "ed25519:1", KEY.publicKey()))
        .isTrue();
  }

  @Test
  void malformedKeysAndSignaturesDoNotVerify() {
    byte[] message = {1, 2, 3};
    byte[] signature = KEY.sign(message);
    assertThat(Ed25519.verify(KEY.publicKey(), message, signature)).isTrue();
    assertThat(Ed25519.verify(new byte[31], message, signature)).isFalse();
    assertThat(Ed25519.verify(new byte[32], message, signature)).isFalse();
    assertThat(Ed25519.verify(KEY.publicKey(), message, new byte[64])).isFalse();
    assertThat(Ed25519.verify(KEY.publicKey(), message, new byte[1])).isFalse();
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.getBytes(StandardCharsets.UTF_8));
  }
}
