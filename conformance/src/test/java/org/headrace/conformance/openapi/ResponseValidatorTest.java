package org.headrace.conformance.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.conformance.server.Repository;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ResponseValidatorTest {
  private static final Map<String, String> HEADERS =
      Map.of(
          "content-type", "application/json",
          "access-control-allow-origin", "*",
          "access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS",
          "access-control-allow-headers", "X-Requested-With, Content-Type, Authorization");
  private static ResponseValidator validator;

  @BeforeAll
  static void readDefinitions() {
    Optional<ApiDefinitions> api = ApiDefinitions.read(Repository.specification());
    assumeTrue(api.isPresent(), "skipped: no specification data at " + Repository.specification());
    assertThat(api.get().size()).isGreaterThan(150);
    validator = new ResponseValidator(api.get());
  }

  private static List<Violation> judge(String method, String path, int status, String body) {
    return judge(method, path, status, body, HEADERS);
  }

  private static List<Violation> judge(
      String method, String path, int status, String body, Map<String, String> headers) {
    return validator.validate(new ResponseValidator.Exchange(method, path, status, headers, body));
  }

  private static String syncWith(String event) {
    return """
        {"next_batch": "s1", "rooms": {"join": {"!a:b": {
          "timeline": {"events": [%s], "limited": false, "prev_batch": "p"},
          "state": {"events": []}, "ephemeral": {"events": []}, "account_data": {"events": []}
        }}}}"""
        .formatted(event);
  }

  private static final String EVENT =
      """
      {"type": "m.room.message", "event_id": "$x", "sender": "@a:b", "origin_server_ts": 1,
       "content": {"body": "x", "msgtype": "m.text"}}""";

  @Test
  void acceptsWhatTheSpecificationDeclares() {
    assertThat(judge("GET", "/_matrix/client/versions", 200, "{\"versions\": [\"v1.19\"]}"))
        .isEmpty();
    assertThat(judge("GET", "/_matrix/client/v3/sync", 200, syncWith(EVENT))).isEmpty();
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 200, "{\"room_id\": \"!a\"}"))
        .isEmpty();
    assertThat(
            judge(
                "GET", "/_matrix/client/v3/rooms/!a/state/m.room.name/", 200, "{\"name\": \"x\"}"))
        .isEmpty();
    assertThat(
            judge(
                "GET",
                "/.well-known/matrix/client",
                200,
                "{\"m.homeserver\": {\"base_url\": \"http://localhost\"}}"))
        .isEmpty();
  }

  @Test
  void readsOneOfAsAnyOf() {
    String whole =
        EVENT.replace("\"event_id\"", "\"room_id\": \"!a:b\", \"state_key\": \"\", \"event_id\"");
    assertThat(judge("GET", "/_matrix/client/v3/rooms/!a/state/m.x/", 200, whole)).isEmpty();
    assertThat(judge("GET", "/_matrix/client/v3/rooms/!a/state/m.x/", 200, "[]")).isNotEmpty();
  }

  @Test
  void refusesAMissingMember() {
    assertThat(judge("GET", "/_matrix/client/v3/sync", 200, "{\"rooms\": {}}"))
        .singleElement()
        .satisfies(violation -> assertThat(violation.text()).contains("next_batch"));
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 200, "{}")).hasSize(1);
  }

  @Test
  void refusesAWrongTypeDeepInsideReferencedSchemas() {
    String wrong = EVENT.replace("\"origin_server_ts\": 1", "\"origin_server_ts\": \"soon\"");
    assertThat(judge("GET", "/_matrix/client/v3/sync", 200, syncWith(wrong)))
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer())
                  .contains("/rooms/join/!a:b/timeline/events/0/origin_server_ts");
              assertThat(violation.operation()).isEqualTo("GET /_matrix/client/v3/sync");
            });
    String senderless = EVENT.replace("\"sender\": \"@a:b\",", "");
    assertThat(judge("GET", "/_matrix/client/v3/sync", 200, syncWith(senderless)))
        .anySatisfy(violation -> assertThat(violation.text()).contains("sender"));
  }

  @Test
  void refusesAnUndeclaredSuccess() {
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 201, "{\"room_id\": \"!a\"}"))
        .hasSize(1);
    assertThat(judge("GET", "/_matrix/client/v3/nothing", 200, "{}")).hasSize(1);
  }

  @Test
  void wantsTheErrorShape() {
    String error = "{\"errcode\": \"M_FORBIDDEN\", \"error\": \"no\"}";
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 403, error)).isEmpty();
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 413, error)).isEmpty();
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 403, "{\"error\": \"no\"}"))
        .isNotEmpty();
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 413, "{\"error\": \"no\"}"))
        .isNotEmpty();
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 413, "<html>")).isNotEmpty();
    assertThat(judge("POST", "/_matrix/client/v3/createRoom", 500, error)).isNotEmpty();
  }

  @Test
  void wantsUnrecognizedForWhatIsNotDeclared() {
    String unrecognized = "{\"errcode\": \"M_UNRECOGNIZED\", \"error\": \"no\"}";
    assertThat(judge("GET", "/_matrix/client/v3/nothing", 404, unrecognized)).isEmpty();
    assertThat(judge("DELETE", "/_matrix/client/v3/sync", 405, unrecognized)).isEmpty();
    assertThat(judge("GET", "/_matrix/client/v3/nothing", 404, "{\"errcode\": \"M_NOT_FOUND\"}"))
        .isNotEmpty();
    assertThat(judge("DELETE", "/_matrix/client/v3/sync", 404, "{}")).isNotEmpty();
    assertThat(judge("GET", "/_matrix/client/v3/nothing", 405, unrecognized)).isNotEmpty();
  }

  @Test
  void wantsContentTypeAndHeadersForBrowsers() {
    Map<String, String> html = new TreeMap<>(HEADERS);
    html.put("content-type", "text/html");
    String versions = "{\"versions\": []}";
    assertThat(judge("GET", "/_matrix/client/versions", 200, versions, html)).hasSize(1);
    Map<String, String> closed = new TreeMap<>(HEADERS);
    closed.remove("access-control-allow-origin");
    assertThat(judge("GET", "/_matrix/client/versions", 200, versions, closed))
        .singleElement()
        .satisfies(
            violation -> assertThat(violation.pointer()).contains("access-control-allow-origin"));
    closed.put("access-control-allow-origin", "*");
    closed.put("access-control-allow-methods", "GET");
    assertThat(judge("GET", "/_matrix/client/versions", 200, versions, closed)).hasSize(4);
  }

  @Test
  void takesUploadsOfAnyType() {
    Map<String, String> html = new TreeMap<>(HEADERS);
    html.put("content-type", "text/html");
    html.put("content-disposition", "attachment");
    String download = "/_matrix/client/v1/media/download/a.example/m";
    assertThat(judge("GET", download, 200, "<p>", html)).isEmpty();
    html.put("content-type", "");
    assertThat(judge("GET", download, 200, "<p>", html)).isNotEmpty();
  }

  @Test
  void takesTheFirstStepOfAuthenticationForAnswer() {
    String upload = "/_matrix/client/v3/keys/device_signing/upload";
    String flows = "{\"flows\": [{\"stages\": [\"m.login.password\"]}], \"session\": \"s\"}";
    assertThat(judge("POST", upload, 401, flows)).isEmpty();
    assertThat(judge("POST", upload, 401, "{\"flows\": []}")).isNotEmpty();
    assertThat(judge("POST", upload, 403, flows)).isNotEmpty();
  }

  @Test
  void refusesWhatIsNoJson() {
    assertThat(judge("GET", "/_matrix/client/versions", 200, "{\"versions\": [}")).hasSize(1);
    assertThat(judge("GET", "/_matrix/client/versions", 200, "{\"versions\": []} x")).hasSize(1);
  }

  /** Every declared schema must load, or its operation would go unjudged until some test met it. */
  @Test
  void everyDeclaredResponseHasASchemaThatLoads() {
    assertThat(validator.declaredSchemasThatDoNotLoad()).isEmpty();
  }
}
