package org.headrace.standalone.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that one deployment consists of: the base as its files say it, and, where {@code kubectl} is
 * found, the overlays as it renders them.
 */
public record Manifests(String name, List<Manifest> all) {
  static final Path ROOT = root();
  static final Path FOLDER = ROOT.resolve("k8s");
  static final List<String> OVERLAYS = List.of("overlays/small", "overlays/production");

  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** The base, and the overlays where they can be rendered. */
  public static Stream<Manifests> each() {
    return Each.ALL.stream();
  }

  /** Read and rendered once for all tests. */
  private static final class Each {
    static final List<Manifests> ALL = all();

    private static List<Manifests> all() {
      try {
        List<Manifests> all = new ArrayList<>(List.of(base()));
        if (kubectl().isPresent()) {
          for (String overlay : OVERLAYS) {
            all.add(rendered(overlay));
          }
        }
        return all;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /** As the files of {@code k8s/base} say it, with the ConfigMaps that kustomize would make. */
  public static Manifests base() throws IOException {
    return new Manifests("base", read(FOLDER.resolve("base")));
  }

  private static List<Manifest> read(Path folder) throws IOException {
    List<Manifest> all = new ArrayList<>();
    JsonNode kustomization = YAML.readTree(folder.resolve("kustomization.yaml").toFile());
    for (JsonNode resource : kustomization.path("resources")) {
      all.addAll(parse(Files.readString(folder.resolve(resource.asText()))));
    }
    for (JsonNode generator : kustomization.path("configMapGenerator")) {
      all.add(configMap(generator, folder));
    }
    return List.copyOf(all);
  }

  /** As {@code kubectl kustomize} renders this folder of {@code k8s/}. */
  static Manifests rendered(String folder) throws IOException, InterruptedException {
    return new Manifests(folder, rendered(FOLDER.resolve(folder)));
  }

  /** What {@code kubectl kustomize} makes of a folder. */
  static List<Manifest> rendered(Path folder) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("kustomize", ".txt");
    Process process =
        new ProcessBuilder(kubectl().orElseThrow().toString(), "kustomize", folder.toString())
            .redirectError(errors.toFile())
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    String said = Files.readString(errors);
    Files.delete(errors);
    if (code != 0) {
      throw new AssertionError(folder + " cannot be rendered: " + said);
    }
    return parse(output);
  }

  static Optional<Path> kubectl() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder).resolve("kubectl"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  public List<Manifest> ofKind(String kind) {
    return all.stream().filter(manifest -> manifest.kind().equals(kind)).toList();
  }

  List<Manifest> workloads() {
    return all.stream().filter(Manifest::isWorkload).toList();
  }

  Optional<Manifest> find(String kind, String name) {
    return all.stream()
        .filter(manifest -> manifest.kind().equals(kind) && manifest.name().equals(name))
        .findFirst();
  }

  /** The environment of a workload's only container, as the process would meet it. */
  public Map<String, String> environment(Manifest workload) {
    Map<String, String> environment = new LinkedHashMap<>();
    JsonNode container = workload.podSpec().path("containers").path(0);
    for (JsonNode from : container.path("envFrom")) {
      String name = from.path("configMapRef").path("name").asText();
      environment.putAll(Manifest.texts(find("ConfigMap", name).orElseThrow().json().path("data")));
    }
    for (JsonNode variable : container.path("env")) {
      String value =
          variable.has("value") ? variable.path("value").asText() : workload.name() + "-0";
      environment.put(variable.path("name").asText(), value);
    }
    return environment;
  }

  /** The files of a workload's projected volume: texts of ConfigMaps, and Secrets' names. */
  public Map<String, String> mounted(Manifest workload, String volume) {
    Map<String, String> files = new LinkedHashMap<>();
    for (JsonNode found : workload.podSpec().path("volumes")) {
      if (found.path("name").asText().equals(volume)) {
        for (JsonNode source : found.path("projected").path("sources")) {
          if (source.has("configMap")) {
            String name = source.path("configMap").path("name").asText();
            files.putAll(Manifest.texts(find("ConfigMap", name).orElseThrow().json().path("data")));
          }
          for (JsonNode item : source.path("secret").path("items")) {
            files.put(
                item.path("path").asText(), "of " + source.path("secret").path("name").asText());
          }
        }
      }
    }
    return files;
  }

  /** The claim of a volume that a workload's pods share, if it is one. */
  public Optional<JsonNode> claim(Manifest workload, String volume) {
    return workload
        .podSpec()
        .path("volumes")
        .valueStream()
        .filter(found -> found.path("name").asText().equals(volume))
        .map(found -> found.path("persistentVolumeClaim").path("claimName").asText())
        .findFirst()
        .flatMap(claim -> find("PersistentVolumeClaim", claim))
        .map(Manifest::json);
  }

  /** Where a workload's only container has this volume. */
  public String mountPath(Manifest workload, String volume) {
    return workload
        .podSpec()
        .path("containers")
        .path(0)
        .path("volumeMounts")
        .valueStream()
        .filter(mount -> mount.path("name").asText().equals(volume))
        .map(mount -> mount.path("mountPath").asText())
        .findFirst()
        .orElse("");
  }

  /** The workloads whose pods stay. */
  public List<Manifest> serving() {
    return all.stream().filter(Manifest::isServing).toList();
  }

  static List<Manifest> parse(String text) throws IOException {
    List<Manifest> manifests = new ArrayList<>();
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.isObject()) {
          manifests.add(Manifest.of(document));
        }
      }
    }
    return manifests;
  }

  private static Manifest configMap(JsonNode generator, Path folder) throws IOException {
    ObjectNode json = YAML.createObjectNode().put("kind", "ConfigMap").put("apiVersion", "v1");
    ObjectNode metadata = json.putObject("metadata").put("name", generator.path("name").asText());
    JsonNode labels = generator.path("options").path("labels");
    if (labels.isObject()) {
      metadata.set("labels", labels);
    }
    ObjectNode data = json.putObject("data");
    for (JsonNode literal : generator.path("literals")) {
      String[] parts = literal.asText().split("=", 2);
      data.put(parts[0], parts[1]);
    }
    for (JsonNode file : generator.path("files")) {
      String[] parts = file.asText().split("=", 2);
      data.put(parts[0], Files.readString(folder.resolve(parts[1])));
    }
    return Manifest.of(json);
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("headrace"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  @Override
  public String toString() {
    return name;
  }
}
