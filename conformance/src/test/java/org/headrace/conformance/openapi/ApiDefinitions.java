package org.headrace.conformance.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The client-server and server-server APIs as the specification's OpenAPI 3.1 files declare it:
 * which operation a request names, and the schema of each of its responses. Safe for many threads.
 */
public final class ApiDefinitions {
  private final List<Route> routes;
  private final SchemaRegistry schemas =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(ApiDefinitions::content));
  private final Map<String, Schema> loaded = new ConcurrentHashMap<>();
  private final URI standardError;

  /** One path template with its operations; methods in upper case. */
  record Route(String template, List<String> segments, Map<String, Operation> operations) {
    /** Fixed segments, so that {@code /rooms/x/state} goes before {@code /rooms/{id}/{other}}. */
    long fixedSegments() {
      return segments.stream().filter(segment -> !segment.startsWith("{")).count();
    }

    boolean matches(List<String> path) {
      if (path.size() != segments.size()) {
        return false;
      }
      for (int i = 0; i < path.size(); i++) {
        String segment = segments.get(i);
        if (!segment.startsWith("{") && !segment.equals(path.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  /** An operation's declared responses: status → declaration. */
  record Operation(String name, Map<String, Response> responses) {}

  /** A declared response; no content types where no body is declared. */
  record Response(Map<String, String> schemaByContentType) {}

  private ApiDefinitions(List<Route> routes, URI standardError) {
    this.routes = routes;
    this.standardError = standardError;
  }

  /** Reads both folders of {@code data/api}; empty where they are absent. */
  public static Optional<ApiDefinitions> read(Path data) {
    Path folder = data.resolve("api/client-server");
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    List<Route> routes = new ArrayList<>();
    readFolder(folder, routes);
    readFolder(data.resolve("api/server-server"), routes);
    routes.sort(Comparator.comparingLong(Route::fixedSegments).reversed());
    URI error = folder.resolve("definitions/errors/error.yaml").toUri();
    return Optional.of(new ApiDefinitions(List.copyOf(routes), error));
  }

  private static void readFolder(Path folder, List<Route> routes) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".yaml")).sorted().toList()) {
        readFile(file, routes);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void readFile(Path file, List<Route> routes) throws IOException {
    JsonNode document = new YAMLMapper().readTree(file.toFile());
    String base = document.at("/servers/0/variables/basePath/default").asText();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      // Some paths end in a space so that they can occur twice in one file.
      String template = base + path.getKey().strip();
      String pointer = "/paths/" + escape(path.getKey());
      Map<String, Operation> operations = new TreeMap<>();
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        if (!operation.getValue().has("responses")) {
          continue;
        }
        String method = operation.getKey().toUpperCase(Locale.ROOT);
        String at = pointer + "/" + operation.getKey() + "/responses";
        operations.put(
            method,
            new Operation(
                method + " " + template, responses(file, document, operation.getValue(), at)));
      }
      Optional<Route> twin =
          routes.stream().filter(route -> route.template().equals(template)).findFirst();
      if (twin.isPresent()) {
        // The twins of inviting.yaml and peeking_events.yaml: a response may be either's.
        operations.forEach(
            (method, operation) ->
                twin.get().operations().merge(method, operation, ApiDefinitions::either));
      } else {
        routes.add(new Route(template, segments(template), operations));
      }
    }
  }

  private static Operation either(Operation one, Operation other) {
    Map<String, Response> responses = new TreeMap<>(other.responses());
    responses.putAll(one.responses());
    return new Operation(one.name(), responses);
  }

  private static Map<String, Response> responses(
      Path file, JsonNode document, JsonNode operation, String at) {
    Map<String, Response> responses = new TreeMap<>();
    for (Map.Entry<String, JsonNode> response : operation.path("responses").properties()) {
      JsonNode declared = response.getValue();
      String pointer = at + "/" + response.getKey();
      if (declared.has("$ref")) {
        pointer = declared.path("$ref").asText().substring(1);
        declared = document.at(pointer);
      }
      Map<String, String> contents = new TreeMap<>();
      for (Map.Entry<String, JsonNode> content : declared.path("content").properties()) {
        String schema = pointer + "/content/" + escape(content.getKey()) + "/schema";
        contents.put(
            content.getKey(), content.getValue().has("schema") ? file.toUri() + "#" + schema : "");
      }
      responses.put(response.getKey(), new Response(Collections.unmodifiableMap(contents)));
    }
    return responses;
  }

  private static String escape(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/", -1));
  }

  /** The route of a raw request path, if the specification has one. */
  Optional<Route> route(String rawPath) {
    return match(rawPath).or(() -> match(rawPath + "/").filter(ApiDefinitions::takesEmptyStateKey));
  }

  private Optional<Route> match(String rawPath) {
    List<String> path = segments(rawPath);
    return routes.stream().filter(route -> route.matches(path)).findFirst();
  }

  /** "When an empty string, the trailing slash on this endpoint is optional" (room_state.yaml). */
  private static boolean takesEmptyStateKey(Route route) {
    return route.template().endsWith("/state/{eventType}/{stateKey}");
  }

  int size() {
    return routes.stream().mapToInt(route -> route.operations().size()).sum();
  }

  List<String> schemasThatDoNotLoad() {
    List<String> broken = new ArrayList<>();
    routes.stream()
        .flatMap(route -> route.operations().values().stream())
        .flatMap(operation -> operation.responses().values().stream())
        .flatMap(response -> response.schemaByContentType().values().stream())
        .filter(location -> !location.isEmpty())
        .forEach(
            location -> {
              try {
                schema(location).initializeValidators();
              } catch (RuntimeException e) {
                broken.add(location + ": " + e);
              }
            });
    return broken;
  }

  /** The schema at a location with a JSON pointer as fragment. */
  Schema schema(String location) {
    return loaded.computeIfAbsent(
        location, key -> schemas.getSchema(SchemaLocation.of(percentEncoded(key))));
  }

  Schema standardError() {
    return schema(standardError.toString());
  }

  private static String content(String iri) {
    try {
      return Files.readString(Path.of(URI.create(iri)));
    } catch (IOException e) {
      throw new IllegalStateException(iri, e);
    }
  }

  private static String percentEncoded(String location) {
    return location.replace("{", "%7B").replace("}", "%7D").replace(" ", "%20");
  }
}
