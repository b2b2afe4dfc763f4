package org.headrace.standalone.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The pods that operators make of their resources, by the labels that they give them. */
final class Pods {
  private Pods() {}

  static List<Map<String, String>> ofOperators(Manifests manifests) {
    List<Map<String, String>> pods = new ArrayList<>();
    for (Manifest kafka : manifests.ofKind("Kafka")) {
      for (String part : List.of("kafka", "entity-operator", "kafka-exporter")) {
        pods.add(
            Map.of(
                "strimzi.io/cluster",
                kafka.name(),
                "strimzi.io/kind",
                "Kafka",
                "strimzi.io/name",
                kafka.name() + "-" + part));
      }
    }
    for (Manifest cassandra : manifests.ofKind("K8ssandraCluster")) {
      pods.add(
          Map.of(
              "app.kubernetes.io/managed-by",
              "cass-operator",
              "cassandra.datastax.com/cluster",
              cassandra.name()));
    }
    return pods;
  }
}
