package org.headrace.standalone.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gateway's rules send every row of {@code docs/routes.md} to the service that serves it. */
class RoutesTest {
  private static final Pattern ROW = Pattern.compile("\\| ([A-Z, ]+) \\| `([^`]+)`.*\\|");
  private static final Pattern PARAMETER = Pattern.compile("\\{[^}]+}");

  private record Route(String service, String method, String path) {}

  /** What a rule's match says, and where it leads. */
  private record Match(String type, String path, Optional<String> method, String service) {
    /** Gateway API, HTTPRouteRule: a prefix ends where an element of the path ends. */
    boolean matches(Route route) {
      boolean isPath =
          type.equals("Exact")
              ? route.path().equals(path)
              : path.equals("/")
                  || route.path().equals(path)
                  || route.path().startsWith(path + "/");
      return isPath && method.map(route.method()::equals).orElse(true);
    }

    boolean isExact() {
      return type.equals("Exact");
    }

    int pathLength() {
      return path.length();
    }

    boolean hasMethod() {
      return method.isPresent();
    }
  }

  /** Gateway API, HTTPRouteRule: exact before the longest prefix before a method. */
  private static final Comparator<Match> PRECEDENCE =
      Comparator.comparing(Match::isExact)
          .thenComparing(Match::pathLength)
          .thenComparing(Match::hasMethod);

  @ParameterizedTest
  @MethodSource("org.headrace.standalone.k8s.Manifests#each")
  void everyPathGoesToTheServiceThatServesIt(Manifests manifests) throws IOException {
    List<Match> matches = matches(manifests);
    List<String> wrong = new ArrayList<>();
    List<Route> routes = documented();
    for (Route route : routes) {
      Optional<Match> chosen =
          matches.stream().filter(match -> match.matches(route)).max(PRECEDENCE);
      if (!chosen.map(Match::service).equals(Optional.of(route.service()))) {
        wrong.add(route + " goes to " + chosen);
      }
    }
    assertThat(wrong).as("k8s/base/gateway.yaml against docs/routes.md").isEmpty();
    assertThat(routes).extracting(Route::service).contains("ingest", "api");
  }

  private static List<Match> matches(Manifests manifests) {
    List<Match> matches = new ArrayList<>();
    for (Manifest route : manifests.ofKind("HTTPRoute")) {
      for (JsonNode rule : route.spec().path("rules")) {
        assertThat(rule.path("backendRefs")).hasSize(1);
        String service = rule.path("backendRefs").path(0).path("name").asText();
        for (JsonNode match : rule.path("matches")) {
          String type = match.path("path").path("type").asText();
          assertThat(type).as("what every gateway understands alike").isIn("Exact", "PathPrefix");
          assertThat(match.has("headers") || match.has("queryParams")).isFalse();
          matches.add(
              new Match(
                  type,
                  match.path("path").path("value").asText(),
                  Optional.ofNullable(match.get("method")).map(JsonNode::asText),
                  service));
        }
      }
    }
    return matches;
  }

  private static List<Route> documented() throws IOException {
    List<Route> routes = new ArrayList<>();
    String service = "";
    for (String line : Files.readAllLines(Manifests.ROOT.resolve("docs/routes.md"))) {
      if (line.startsWith("## ")) {
        service = line.substring(3).strip();
      }
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        for (String method : row.group(1).split(", ")) {
          String path = PARAMETER.matcher(row.group(2)).replaceAll("%21a%3Ab.example");
          routes.add(new Route(service, method.strip(), path));
        }
      }
    }
    return routes;
  }
}
