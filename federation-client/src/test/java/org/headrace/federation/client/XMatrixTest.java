package org.headrace.federation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.junit.jupiter.api.Test;

class XMatrixTest {
  /** The key of the specification's test vectors. */
  private static final SigningKey KEY =
      SigningKey.fromSeed(
          "ed25519:1", UnpaddedBase64.decode("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"));

  private static final ServerName ORIGIN = new ServerName("domain");
  private static final ServerName DESTINATION = new ServerName("destination.example");

  /** Signatures that Python's json and cryptography modules made of the same objects. */
  @Test
  void signsAsOtherImplementationsDo() {
    XMatrix.Signed get =
        new XMatrix.Signed(
            "GET", "/_matrix/federation/v1/event/%24a", ORIGIN, DESTINATION, XMatrix.Content.NONE);
    assertThat(XMatrix.header(get, KEY))
        .isEqualTo(
            "X-Matrix origin=\"domain\",destination=\"destination.example\",key=\"ed25519:1\","
                + "sig=\"v4jpc6ctAtn1Ndrd/BPcD7y//laiLEguXOJiQj+u5Nmmg8Ez+psnUicl7scjrXOWgXbh"
                + "fDQ6moG4L5TJo8pTCg\"");
    XMatrix.Signed put =
        new XMatrix.Signed(
            "PUT",
            "/_matrix/federation/v1/send/1?q=%C3%B6",
            ORIGIN,
            DESTINATION,
            content("{\"two\":\"Zwölf\",\"z\":{\"b\":null,\"a\":true},\"one\":[1,1.5]}"));
    assertThat(XMatrix.header(put, KEY))
        .endsWith(
            "sig=\"yPb2K4ZtQy0vZfOE+3LupSqdLaxDWu05qI8Sbb7Ls6Wy/7VDERc+uGcASe2MYKjiyka/Vrj07BQ09B"
                + "Eu44dCBA\"");
  }

  @Test
  void whatIsSignedIsVerified() {
    XMatrix.Signed request = request("PUT", "/a", ORIGIN, DESTINATION, "{\"a\": 1}");
    XMatrix header = XMatrix.parse(XMatrix.header(request, KEY));
    assertThat(header.origin()).isEqualTo(ORIGIN);
    assertThat(header.destination()).contains(DESTINATION);
    assertThat(header.keyId()).isEqualTo("ed25519:1");
    assertThat(header.signs(request, KEY.publicKey())).isTrue();
  }

  @Test
  void everyPartOfTheRequestIsSigned() {
    XMatrix.Signed request = request("PUT", "/a", ORIGIN, DESTINATION, "{\"a\": 1}");
    XMatrix header = XMatrix.parse(XMatrix.header(request, KEY));
    for (XMatrix.Signed other :
        List.of(
            request("POST", "/a", ORIGIN, DESTINATION, "{\"a\": 1}"),
            request("PUT", "/a?b", ORIGIN, DESTINATION, "{\"a\": 1}"),
            request("PUT", "/a", DESTINATION, DESTINATION, "{\"a\": 1}"),
            request("PUT", "/a", ORIGIN, ORIGIN, "{\"a\": 1}"),
            request("PUT", "/a", ORIGIN, DESTINATION, "{\"a\": 2}"),
            new XMatrix.Signed("PUT", "/a", ORIGIN, DESTINATION, XMatrix.Content.NONE))) {
      assertThat(header.signs(other, KEY.publicKey())).isFalse();
    }
    byte[] otherKey = KEY.publicKey();
    otherKey[5] ^= 1;
    assertThat(header.signs(request, otherKey)).isFalse();
  }

  @Test
  void aSignatureThatIsNoneVerifiesNothing() {
    XMatrix.Signed request = request("PUT", "/a", ORIGIN, DESTINATION, "{}");
    for (String signature : List.of("", "!!!", "AAAA", "A".repeat(86), "A".repeat(4_000))) {
      XMatrix header = new XMatrix(ORIGIN, Optional.empty(), "ed25519:1", signature);
      assertThat(header.signs(request, KEY.publicKey())).isFalse();
    }
  }

  @Test
  void readsTheExampleOfTheSpecification() {
    XMatrix header =
        XMatrix.parse(
            "X-Matrix origin=\"origin.hs.example.com\",destination=\"destination.hs.example.com\","
                + "key=\"ed25519:key1\",sig=\"ABCDEF...\"");
    assertThat(header)
        .isEqualTo(
            new XMatrix(
                new ServerName("origin.hs.example.com"),
                Optional.of(new ServerName("destination.hs.example.com")),
                "ed25519:key1",
                "ABCDEF..."));
  }

  @Test
  void readsAllFormsThatTheGrammarAllows() {
    XMatrix plain = new XMatrix(ORIGIN, Optional.of(DESTINATION), "ed25519:1", "AB+c");
    for (String header :
        List.of(
            "X-Matrix origin=domain,destination=destination.example,key=ed25519:1,sig=AB+c",
            "x-matrix  ORIGIN=domain,Destination=destination.example,KEY=ed25519:1,SiG=AB+c",
            "X-Matrix sig=AB+c , key=\"ed25519:1\"\t,\t destination=\"destination.example\","
                + "origin=domain",
            "X-Matrix ,,origin=domain,,destination=destination.example,key=ed25519:1,sig=AB+c,",
            "X-Matrix origin = domain,destination=destination.example,key=ed25519:1,sig=AB+c",
            "X-Matrix origin=\"do\\main\",destination=\"\\d\\estination.example\","
                + "key=\"ed25519\\:1\",sig=\"AB+c\"",
            "X-Matrix origin=domain,destination=destination.example,key=ed25519:1,sig=AB+c,"
                + "new=\"a, b=\\\"c\\\\\",other=5")) {
      assertThat(XMatrix.parse(header)).as(header).isEqualTo(plain);
    }
  }

  @Test
  void theDestinationMayBeMissing() {
    assertThat(XMatrix.parse("X-Matrix origin=domain,key=ed25519:1,sig=A").destination()).isEmpty();
  }

  @Test
  void namesMayHavePortsAndBrackets() {
    XMatrix header =
        XMatrix.parse("X-Matrix origin=domain:80,destination=\"[::1]:8448\",key=a:b,sig=A");
    assertThat(header.origin()).isEqualTo(new ServerName("domain:80"));
    assertThat(header.destination()).contains(new ServerName("[::1]:8448"));
  }

  @Test
  void refusesWhatTheGrammarDoesNotAllow() {
    for (String header :
        List.of(
            "",
            "X-Matrix",
            "X-Matrix ",
            "X-Matrixorigin=domain,key=k,sig=A",
            "Bearer abc",
            "X-Matrix key=k,sig=A",
            "X-Matrix origin=domain,sig=A",
            "X-Matrix origin=domain,key=k",
            "X-Matrix origin=domain,key=k,sig=A,sig=B",
            "X-Matrix origin=domain,key=k,sig=A,SIG=B",
            "X-Matrix origin=,key=k,sig=A",
            "X-Matrix origin=\"\",key=k,sig=A",
            "X-Matrix origin=not/a/name,key=k,sig=A",
            "X-Matrix origin=\"not a name\",key=k,sig=A",
            "X-Matrix origin=domain,destination=\"\",key=k,sig=A",
            "X-Matrix origin=domain key=k sig=A",
            "X-Matrix origin=domain;key=k;sig=A",
            "X-Matrix origin=\"domain,key=k,sig=A",
            "X-Matrix origin=domain,key=k,sig=\"A\\",
            "X-Matrix origin=domain,key=k,sig=\"A\"B",
            "X-Matrix origin=domain,key=k,=A",
            "X-Matrix origin=domain,key=k,sig",
            "X-Matrix origin=domain,key=k,sig=A," + "x".repeat(5_000) + "=1")) {
      assertThatThrownBy(() -> XMatrix.parse(header))
          .as(header)
          .isInstanceOf(InvalidJsonException.class);
    }
  }

  private static XMatrix.Signed request(
      String method, String uri, ServerName origin, ServerName destination, String content) {
    return new XMatrix.Signed(method, uri, origin, destination, content(content));
  }

  private static XMatrix.Content content(String json) {
    JsonNode parsed = Json.parse(json.getBytes(StandardCharsets.UTF_8));
    return XMatrix.Content.of(parsed);
  }
}
