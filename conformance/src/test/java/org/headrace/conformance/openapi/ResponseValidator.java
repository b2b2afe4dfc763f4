package org.headrace.conformance.openapi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Judges one response by the OpenAPI definitions: its status is declared, or it is a standard
 * error; its content type and body are as declared; undeclared paths are 404 and undeclared methods
 * 405, both M_UNRECOGNIZED; and the headers that let web browser clients read it are there.
 */
public final class ResponseValidator {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final String MORE_THAN_ONE = "oneOf.indexes";
  private static final String JSON_TYPE = "application/json";
  private static final String BYTES_TYPE = "application/octet-stream";

  /**
   * CS "Web Browser Clients": the recommended headers of all responses, each with what it must
   * name.
   */
  private static final Map<String, List<String>> CORS =
      new TreeMap<>(
          Map.of(
              "access-control-allow-origin", List.of("*"),
              "access-control-allow-methods", List.of("GET", "POST", "PUT", "DELETE", "OPTIONS"),
              "access-control-allow-headers",
                  List.of("X-Requested-With", "Content-Type", "Authorization")));

  private final ApiDefinitions api;

  public ResponseValidator(ApiDefinitions api) {
    this.api = api;
  }

  /**
   * A response with the request it answers.
   *
   * @param rawPath the request's path, not decoded, without its query
   * @param headers names in lower case
   */
  public record Exchange(
      String method, String rawPath, int status, Map<String, String> headers, String body) {}

  /** What is wrong with the response; empty if nothing. */
  public List<Violation> validate(Exchange exchange) {
    if (!exchange.rawPath().startsWith("/_matrix/")
        && !exchange.rawPath().startsWith("/.well-known/matrix/")) {
      return List.of();
    }
    List<Violation> found = new ArrayList<>();
    Optional<ApiDefinitions.Route> route = api.route(exchange.rawPath());
    String name =
        exchange.method()
            + " "
            + route.map(ApiDefinitions.Route::template).orElse(exchange.rawPath());
    Report report =
        (pointer, text) ->
            found.add(new Violation(name, exchange.status(), pointer, text, exchange.body()));
    checkCors(exchange, report);
    if (exchange.method().equals("OPTIONS")) {
      if (exchange.status() / 100 != 2) {
        report.add("status", "a preflight is answered with success");
      }
      return found;
    }
    ApiDefinitions.Operation operation =
        route.map(found1 -> found1.operations().get(exchange.method())).orElse(null);
    if (operation == null) {
      checkUnrecognized(exchange, route.isPresent(), report);
    } else {
      checkDeclared(exchange, operation, report);
    }
    return found;
  }

  List<String> declaredSchemasThatDoNotLoad() {
    return api.schemasThatDoNotLoad();
  }

  private interface Report {
    void add(String pointer, String text);
  }

  private static void checkCors(Exchange exchange, Report report) {
    CORS.forEach(
        (header, wanted) -> {
          String value = exchange.headers().getOrDefault(header, "");
          Set<String> present =
              new TreeSet<>(List.of(value.toLowerCase(Locale.ROOT).strip().split("\\s*,\\s*")));
          for (String each : wanted) {
            if (!present.contains(each.toLowerCase(Locale.ROOT))) {
              report.add("header " + header, "names no " + each + " but \"" + value + "\"");
            }
          }
        });
  }

  private void checkUnrecognized(Exchange exchange, boolean pathKnown, Report report) {
    boolean fits = exchange.status() == 404 || (pathKnown && exchange.status() == 405);
    if (!fits) {
      report.add(
          "status",
          pathKnown ? "405 (or 404) for an undeclared method" : "404 for an undeclared path");
      return;
    }
    JsonNode body = checkBody(exchange, JSON_TYPE, api.standardError(), report);
    if (body != null && !body.path("errcode").asText().equals("M_UNRECOGNIZED")) {
      report.add("/errcode", "M_UNRECOGNIZED for what the specification does not declare");
    }
  }

  private void checkDeclared(Exchange exchange, ApiDefinitions.Operation operation, Report report) {
    ApiDefinitions.Response declared =
        operation.responses().get(Integer.toString(exchange.status()));
    if (declared == null) {
      if (exchange.status() < 400) {
        report.add("status", "not declared; declared are " + operation.responses().keySet());
        return;
      }
      if (exchange.status() == 500) {
        report.add("status", "an internal error");
      }
      // Cross-signing's definition leaves out what its text says of user-interactive
      // authentication.
      if (exchange.status() != 401 || !offersFlows(exchange)) {
        checkBody(exchange, JSON_TYPE, api.standardError(), report);
      }
      return;
    }
    if (declared.schemaByContentType().isEmpty()) {
      if (exchange.status() >= 400) {
        checkBody(exchange, JSON_TYPE, api.standardError(), report);
      }
      return;
    }
    String type = contentType(exchange);
    String location = declared.schemaByContentType().get(type);
    if (location == null) {
      // Bytes that somebody uploaded come with the type that they were uploaded with.
      if (declared.schemaByContentType().containsKey(BYTES_TYPE) && !type.isEmpty()) {
        return;
      }
      report.add(
          "header content-type",
          type + "; declared are " + declared.schemaByContentType().keySet());
      return;
    }
    if (type.equals(JSON_TYPE) && !location.isEmpty()) {
      checkBody(exchange, JSON_TYPE, api.schema(location), report);
      if (exchange.status() >= 400) {
        checkErrcode(exchange, report);
      }
    }
  }

  /** The first step of user-interactive authentication. */
  private static boolean offersFlows(Exchange exchange) {
    try {
      JsonNode body = JSON.readTree(exchange.body());
      return contentType(exchange).equals(JSON_TYPE)
          && body.path("flows").isArray()
          && body.path("session").isTextual();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static void checkErrcode(Exchange exchange, Report report) {
    // User-interactive authentication answers 401 without an errcode on its first step.
    if (exchange.status() != 401 && !exchange.body().contains("\"errcode\"")) {
      report.add("/errcode", "an error names its code");
    }
  }

  private static JsonNode checkBody(Exchange exchange, String type, Schema schema, Report report) {
    if (!contentType(exchange).equals(type)) {
      report.add("header content-type", "\"" + contentType(exchange) + "\", not " + type);
      return null;
    }
    JsonNode body;
    try {
      body = JSON.readTree(exchange.body());
    } catch (JsonProcessingException e) {
      report.add("", "no JSON: " + e.getOriginalMessage());
      return null;
    }
    for (Error error : schema.validate(body)) {
      // rooms.yaml declares "oneOf: any object, an event", and an event is an object: a slip, read
      // as anyOf.
      if (MORE_THAN_ONE.equals(error.getMessageKey())) {
        continue;
      }
      report.add(error.getInstanceLocation().toString(), error.getMessage());
    }
    return body;
  }

  private static String contentType(Exchange exchange) {
    String header = exchange.headers().getOrDefault("content-type", "");
    return header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }
}
