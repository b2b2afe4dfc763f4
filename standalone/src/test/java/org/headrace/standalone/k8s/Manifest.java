package org.headrace.standalone.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One Kubernetes resource. */
public record Manifest(String kind, String name, JsonNode json) {
  private static final Set<String> WORKLOADS = Set.of("StatefulSet", "Deployment", "Job");

  static Manifest of(JsonNode json) {
    return new Manifest(
        json.path("kind").asText(), json.path("metadata").path("name").asText(), json);
  }

  JsonNode spec() {
    return json.path("spec");
  }

  boolean isWorkload() {
    return WORKLOADS.contains(kind);
  }

  boolean isServing() {
    return isWorkload() && !kind.equals("Job");
  }

  JsonNode podSpec() {
    return spec().path("template").path("spec");
  }

  public Map<String, String> labels() {
    return texts(json.path("metadata").path("labels"));
  }

  /** Labels of the pods that a workload makes. */
  Map<String, String> podLabels() {
    return texts(spec().path("template").path("metadata").path("labels"));
  }

  List<JsonNode> containers() {
    List<JsonNode> containers = new ArrayList<>();
    podSpec().path("initContainers").forEach(containers::add);
    podSpec().path("containers").forEach(containers::add);
    return containers;
  }

  /** Whether a container of the workload has a port of this name. */
  boolean hasPort(String port) {
    return containers().stream()
        .flatMap(container -> container.path("ports").valueStream())
        .anyMatch(found -> found.path("name").asText().equals(port));
  }

  static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  /** Whether a label selector, which must say something, selects these labels. */
  static boolean selects(JsonNode selector, Map<String, String> labels) {
    for (Map.Entry<String, String> wanted : texts(selector.path("matchLabels")).entrySet()) {
      if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    for (JsonNode expression : selector.path("matchExpressions")) {
      String value = labels.get(expression.path("key").asText());
      boolean isIn =
          expression.path("values").valueStream().anyMatch(one -> one.asText().equals(value));
      if (!expression.path("operator").asText().equals("In")) {
        throw new IllegalArgumentException(
            "an operator that this test does not know: " + expression);
      }
      if (!isIn) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return kind + " " + name;
  }
}
