package org.headrace.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.headrace.core.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class HttpRulesTest {
  private static final String PART = "/_matrix/client/v3/things/!r:x/part/p";

  @TestHTTPResource URI base;

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void readAndWriteSideShareAPath() throws Exception {
    assertThat(send("GET", PART, null).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> put = send("PUT", PART, bytes("{\"a\":1}"));
    assertThat(put.statusCode()).isEqualTo(200);
    assertThat(json(put).path("virtual").asBoolean()).isTrue();
    assertThat(json(put).path("body").path("a").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /, 404",
    "GET, /_matrix/client/v3/nothing, 404",
    "POST, /_matrix/client/v3/nothing, 404",
    "PUT, /_matrix/client/r0/fail, 404",
    "DELETE, /_matrix/client/v3/things/!r:x/part/p, 405",
    "POST, /_matrix/client/v3/things/!r:x/part/p, 405",
    "PATCH, /_matrix/client/v3/things/!r:x/part/p, 405",
    "GET, /_matrix/client/v3/things/!r:x/part, 405",
    "GET, /_matrix/client/v3/fail, 405",
    "PUT, /_matrix/client/v3/whoami, 405",
  })
  void unknownPathsAndMethodsAreUnrecognized(String method, String path, int status)
      throws Exception {
    HttpResponse<byte[]> response = send(method, path, null);
    assertThat(response.statusCode()).isEqualTo(status);
    assertError(response, "M_UNRECOGNIZED");
  }

  @ParameterizedTest
  @ValueSource(strings = {PART, "/_matrix/client/v3/nothing", "/_matrix/client/v3/whoami"})
  void preflightNeedsNoToken(String path) throws Exception {
    HttpResponse<byte[]> response = send("OPTIONS", path, null);
    assertThat(response.statusCode()).isEqualTo(200);
    assertCors(response);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | M_NOT_JSON",
        "{ | M_NOT_JSON",
        "{\"a\":1,\"a\":2} | M_NOT_JSON",
        "{} {} | M_NOT_JSON",
        "{\"a\":NaN} | M_NOT_JSON",
        "[] | M_BAD_JSON",
        "null | M_BAD_JSON",
        "\"text\" | M_BAD_JSON",
        "{\"a\":\"\\ud800\"} | M_BAD_JSON",
        "{\"\\udc00\":1} | M_BAD_JSON",
      })
  void refusesMalformedBodies(String body, String errcode) throws Exception {
    HttpResponse<byte[]> response = send("PUT", PART, bytes(body));
    assertThat(response.statusCode()).isEqualTo(400);
    assertError(response, errcode);
  }

  @Test
  void refusesInvalidUtf8AndDeepNesting() throws Exception {
    assertError(
        send("PUT", PART, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}), "M_NOT_JSON");
    assertError(send("PUT", PART, new byte[] {0, 0, 0, '{', 0, 17, 0, 0}), "M_NOT_JSON");
    assertError(
        send("PUT", PART, bytes("{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}")),
        "M_NOT_JSON");
  }

  @Test
  void refusesABodyThatSaysItIsTooLarge() throws Exception {
    HttpResponse<byte[]> response = send("PUT", PART, new byte[10_000_000]);
    assertThat(response.statusCode()).isEqualTo(413);
    assertError(response, "M_TOO_LARGE");
    assertThat(send("GET", PART, null).statusCode()).isEqualTo(200);
  }

  @Test
  void refusesALargeBodyWithoutALength() throws Exception {
    byte[] body = bytes(" ".repeat(10_000_000));
    HttpRequest request =
        HttpRequest.newBuilder(uri(PART))
            .PUT(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .build();
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(413);
    assertError(response, "M_TOO_LARGE");
  }

  /** Only an upload's body is left to its Resource, whatever the path looks like. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/_matrix/media/v3/upload/../../../client/v3/things/!r:x/part/p",
        "/_matrix/media/v3/upload/a/%2e%2e/../../../client/v3/things/!r:x/part/p",
        "/_matrix/federation/v1/send/../../../client/v3/things/!r:x/part/p",
      })
  void aPathThatLeavesUploadsIsNone(String path) throws Exception {
    HttpResponse<byte[]> response =
        send("PUT", path, bytes("{\"a\":\"" + "x".repeat(2_000_000) + "\"}"));
    assertThat(response.statusCode()).isEqualTo(413);
    assertError(response, "M_TOO_LARGE");
  }

  @Test
  void readsABodyWithoutALength() throws Exception {
    byte[] body = bytes("{\"a\":\"" + "x".repeat(500_000) + "\"}");
    HttpRequest request =
        HttpRequest.newBuilder(uri(PART))
            .PUT(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .build();
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(json(response).path("body").path("a").asText()).hasSize(500_000);
  }

  /** More slow bodies than any thread pool has threads; all are answered when they end. */
  @Test
  void slowBodiesHoldNoThread() throws Exception {
    Socket[] slow = new Socket[300];
    for (int i = 0; i < slow.length; i++) {
      slow[i] = new Socket(base.getHost(), base.getPort());
      slow[i]
          .getOutputStream()
          .write(bytes("PUT " + PART + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{"));
      slow[i].getOutputStream().flush();
    }
    assertThat(send("PUT", PART, bytes("{}")).statusCode()).isEqualTo(200);
    for (Socket socket : slow) {
      socket.getOutputStream().write('}');
      socket.getOutputStream().flush();
    }
    for (Socket socket : slow) {
      byte[] answer = socket.getInputStream().readNBytes(12);
      assertThat(new String(answer, StandardCharsets.UTF_8)).isEqualTo("HTTP/1.1 200");
      socket.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a%2Fb, a/b",
    "a+b, a+b",
    "%24abc%3Ax, $abc:x",
    "%C3%A4, ä",
    "%20, ' '",
  })
  void decodesPathParameters(String encoded, String decoded) throws Exception {
    HttpResponse<byte[]> response =
        send("PUT", "/_matrix/client/v3/things/!r:x/part/" + encoded, bytes("{}"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(json(response).path("part").asText()).isEqualTo(decoded);
  }

  @Test
  void servesAnEmptyLastParameter() throws Exception {
    for (String path : new String[] {"/part", "/part/"}) {
      HttpResponse<byte[]> response =
          send("PUT", "/_matrix/client/v3/things/!r:x" + path, bytes("{}"));
      assertThat(response.statusCode()).as(path).isEqualTo(200);
      assertThat(json(response).path("part").asText()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%zz", "%", "%c3%28", "%00", "..", "%2e%2e", "%2F..%2F"})
  void oddPathsAreNeverAServerError(String part) throws Exception {
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      String path = "/_matrix/client/v3/things/!r:x/part/" + part;
      socket
          .getOutputStream()
          .write(
              bytes(
                  "PUT "
                      + path
                      + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                      + "Content-Length: 2\r\n\r\n{}"));
      socket.getOutputStream().flush();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).matches("(?s)HTTP/1.1 (200|400|404|405) .*");
    }
  }

  @Test
  void refusesAMalformedId() throws Exception {
    HttpResponse<byte[]> response =
        send("PUT", "/_matrix/client/v3/things/room/part/p", bytes("{}"));
    assertThat(response.statusCode()).isEqualTo(400);
    assertError(response, "M_INVALID_PARAM");
  }

  @Test
  void tokensComeInTheHeaderOrTheQuery() throws Exception {
    String path = "/_matrix/client/v3/whoami";
    assertThat(json(send("GET", path + "?access_token=" + ViewFakes.TOKEN, null)))
        .isEqualTo(Json.object().put("user_id", "@a:one.test"));
    assertThat(send("GET", path, null, "Authorization", "Bearer " + ViewFakes.TOKEN).statusCode())
        .isEqualTo(200);
    HttpResponse<byte[]> none = send("GET", path, null);
    assertThat(none.statusCode()).isEqualTo(401);
    assertError(none, "M_MISSING_TOKEN");
    HttpResponse<byte[]> unknown = send("GET", path, null, "Authorization", "Bearer other");
    assertThat(unknown.statusCode()).isEqualTo(401);
    assertError(unknown, "M_UNKNOWN_TOKEN");
    assertError(send("GET", path, null, "Authorization", "Basic YTpi"), "M_MISSING_TOKEN");
  }

  @Test
  void aRequestWithoutTokenBelongsToItsHost() throws Exception {
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket
          .getOutputStream()
          .write(
              bytes(
                  "GET /_matrix/client/v3/host HTTP/1.1\r\n"
                      + "Host: two.test\r\n"
                      + "Connection: close\r\n\r\n"));
      socket.getOutputStream().flush();
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .endsWith("{\"name\":\"two.test\"}");
    }
  }

  @Test
  void failuresShowNothingOfTheInside() throws Exception {
    HttpResponse<byte[]> failed = send("POST", "/_matrix/client/v3/fail", bytes("{}"));
    assertThat(failed.statusCode()).isEqualTo(500);
    assertError(failed, "M_UNKNOWN");
    assertThat(new String(failed.body(), StandardCharsets.UTF_8)).doesNotContain("secret");
    HttpResponse<byte[]> late = send("POST", "/_matrix/client/v3/late", null);
    assertThat(late.statusCode()).isEqualTo(504);
    assertError(late, "M_UNKNOWN");
    HttpResponse<byte[]> limited = send("POST", "/_matrix/client/v3/limited", null);
    assertThat(limited.statusCode()).isEqualTo(429);
    assertError(limited, "M_LIMIT_EXCEEDED");
    assertThat(json(limited).path("retry_after_ms").asLong()).isEqualTo(1500);
    assertThat(limited.headers().firstValue("Retry-After")).contains("2");
  }

  @Test
  void whatNeedsViewsThatAreAwayMayBeAskedAgainLater() throws Exception {
    HttpResponse<byte[]> away = send("GET", "/_matrix/client/v3/away", null);
    assertThat(away.statusCode()).isEqualTo(503);
    assertError(away, "M_UNKNOWN");
    assertThat(json(away).path("error").asText()).contains("repeat").doesNotContain("secret");
  }

  private void assertError(HttpResponse<byte[]> response, String errcode) throws IOException {
    assertThat(json(response).path("errcode").asText()).isEqualTo(errcode);
    assertThat(json(response).path("error").asText()).isNotBlank();
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/json");
    assertCors(response);
  }

  private static void assertCors(HttpResponse<byte[]> response) {
    assertThat(response.headers().allValues("Access-Control-Allow-Origin")).containsExactly("*");
    assertThat(response.headers().firstValue("Access-Control-Allow-Methods"))
        .contains("GET, POST, PUT, DELETE, OPTIONS");
    assertThat(response.headers().firstValue("Access-Control-Allow-Headers"))
        .contains("X-Requested-With, Content-Type, Authorization");
  }

  private HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers)
      throws Exception {
    var publisher =
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofByteArray(body);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).method(method, publisher);
    if (headers.length > 0) {
      request.headers(Arrays.copyOf(headers, headers.length));
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private URI uri(String path) {
    return URI.create("http://" + base.getHost() + ":" + base.getPort() + path);
  }

  private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
    return Json.MAPPER.readTree(response.body());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
