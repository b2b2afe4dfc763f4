package org.headrace.standalone.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a resource names is there, and whatever is there for others is named. */
class ReferencesTest {
  private static final String EACH = "org.headrace.standalone.k8s.Manifests#each";

  @ParameterizedTest
  @MethodSource(EACH)
  void configurationAndSecretsAreThereWithTheirKeys(Manifests manifests) throws IOException {
    Map<String, Set<String>> secrets = Secrets.of(manifests);
    for (Manifest workload : manifests.workloads()) {
      JsonNode pod = workload.podSpec();
      for (JsonNode reference : pod.findParents("configMapKeyRef")) {
        JsonNode of = reference.path("configMapKeyRef");
        assertThat(configMap(manifests, of.path("name"), workload))
            .containsKey(of.path("key").asText());
      }
      for (JsonNode reference : pod.findValues("secretKeyRef")) {
        secret(secrets, reference.path("name"), List.of(reference.path("key").asText()), workload);
      }
      for (JsonNode reference : pod.findValues("configMapRef")) {
        configMap(manifests, reference.path("name"), workload);
      }
      List<JsonNode> sources = new ArrayList<>();
      for (JsonNode volume : pod.path("volumes")) {
        sources.add(volume);
        volume.path("projected").path("sources").forEach(sources::add);
      }
      for (JsonNode source : sources) {
        source(manifests, secrets, source, workload);
      }
    }
  }

  private static void source(
      Manifests manifests, Map<String, Set<String>> secrets, JsonNode source, Manifest workload) {
    List<String> keys =
        source.findValues("items").stream()
            .flatMap(JsonNode::valueStream)
            .map(item -> item.path("key").asText())
            .toList();
    if (source.has("configMap")) {
      JsonNode name = source.path("configMap").path("name");
      assertThat(configMap(manifests, name, workload).keySet()).containsAll(keys);
    }
    if (source.has("secret")) {
      JsonNode of = source.path("secret");
      secret(
          secrets, of.has("secretName") ? of.path("secretName") : of.path("name"), keys, workload);
    }
    if (source.has("persistentVolumeClaim")) {
      String claim = source.path("persistentVolumeClaim").path("claimName").asText();
      assertThat(manifests.find("PersistentVolumeClaim", claim)).as(claim).isPresent();
    }
  }

  private static Map<String, String> configMap(Manifests manifests, JsonNode name, Manifest by) {
    var found = manifests.find("ConfigMap", name.asText());
    assertThat(found).as("ConfigMap %s of %s", name, by).isPresent();
    return Manifest.texts(found.orElseThrow().json().path("data"));
  }

  private static void secret(
      Map<String, Set<String>> secrets, JsonNode name, List<String> keys, Manifest by) {
    assertThat(secrets).as("Secret of %s", by).containsKey(name.asText());
    Set<String> has = secrets.get(name.asText());
    if (!has.equals(Secrets.ANY)) {
      assertThat(has).as("Secret %s of %s", name, by).containsAll(keys);
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void volumesAreMountedAndMountsAreVolumes(Manifests manifests) {
    for (Manifest workload : manifests.workloads()) {
      Set<String> volumes = new TreeSet<>();
      workload
          .podSpec()
          .path("volumes")
          .forEach(volume -> volumes.add(volume.path("name").asText()));
      for (JsonNode claim : workload.spec().path("volumeClaimTemplates")) {
        volumes.add(claim.path("metadata").path("name").asText());
        assertThat(claim.path("spec").path("resources").path("requests").path("storage").asText())
            .as("size of %s of %s", claim, workload)
            .isNotEmpty();
      }
      Set<String> mounts = new TreeSet<>();
      for (JsonNode container : workload.containers()) {
        container.path("volumeMounts").forEach(mount -> mounts.add(mount.path("name").asText()));
      }
      assertThat(mounts).as(workload.toString()).isEqualTo(volumes);
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void workloadsFindTheirPodsTheirServiceAndTheirAccount(Manifests manifests) {
    for (Manifest workload : manifests.workloads()) {
      String account = workload.podSpec().path("serviceAccountName").asText();
      assertThat(manifests.find("ServiceAccount", account)).as(workload.toString()).isPresent();
      if (workload.isServing()) {
        assertThat(Manifest.selects(workload.spec().path("selector"), workload.podLabels()))
            .as(workload.toString())
            .isTrue();
      }
      for (JsonNode spread : workload.podSpec().path("topologySpreadConstraints")) {
        assertThat(Manifest.selects(spread.path("labelSelector"), workload.podLabels()))
            .as("spread of %s", workload)
            .isTrue();
      }
      if (workload.kind().equals("StatefulSet")) {
        String service = workload.spec().path("serviceName").asText();
        assertThat(manifests.find("Service", service)).as(workload.toString()).isPresent();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void servicesSelectOneWorkloadAndPortsThatItHas(Manifests manifests) {
    for (Manifest service : manifests.ofKind("Service")) {
      List<Manifest> selected =
          manifests.serving().stream()
              .filter(
                  workload ->
                      workload
                          .podLabels()
                          .entrySet()
                          .containsAll(Manifest.texts(service.spec().path("selector")).entrySet()))
              .toList();
      assertThat(selected).as(service.toString()).hasSize(1);
      for (JsonNode port : service.spec().path("ports")) {
        assertThat(selected.getFirst().hasPort(port.path("targetPort").asText()))
            .as("%s of %s", port, service)
            .isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyWorkloadThatServesHasABudgetOfItsOwn(Manifests manifests) {
    List<Manifest> budgets = manifests.ofKind("PodDisruptionBudget");
    for (Manifest workload : manifests.serving()) {
      List<Manifest> of =
          budgets.stream()
              .filter(b -> Manifest.selects(b.spec().path("selector"), workload.podLabels()))
              .toList();
      assertThat(of).as(workload.toString()).hasSize(1);
      assertThat(of.getFirst().spec().path("maxUnavailable").asInt()).isEqualTo(1);
    }
    assertThat(budgets).hasSameSizeAs(manifests.serving());
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void autoscalersScaleWorkloadsWhoseNumberNobodyElseSets(Manifests manifests) {
    for (Manifest scaler : manifests.ofKind("HorizontalPodAutoscaler")) {
      JsonNode target = scaler.spec().path("scaleTargetRef");
      var workload = manifests.find(target.path("kind").asText(), target.path("name").asText());
      assertThat(workload).as(scaler.toString()).isPresent();
      assertThat(workload.orElseThrow().spec().has("replicas")).as(scaler.toString()).isFalse();
      assertThat(scaler.spec().path("minReplicas").asInt()).isPositive();
      assertThat(scaler.spec().path("maxReplicas").asInt())
          .isGreaterThan(scaler.spec().path("minReplicas").asInt());
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void routesLeadFromTheGatewayToServices(Manifests manifests) throws IOException {
    Map<String, Set<String>> secrets = Secrets.of(manifests);
    for (Manifest gateway : manifests.ofKind("Gateway")) {
      for (JsonNode certificate : gateway.spec().findValues("certificateRefs")) {
        assertThat(secrets).containsKey(certificate.path(0).path("name").asText());
      }
    }
    for (Manifest route : manifests.ofKind("HTTPRoute")) {
      assertThat(route.spec().path("parentRefs")).isNotEmpty();
      for (JsonNode parent : route.spec().path("parentRefs")) {
        Manifest gateway = manifests.find("Gateway", parent.path("name").asText()).orElseThrow();
        assertThat(gateway.spec().path("listeners").valueStream())
            .anyMatch(listener -> listener.path("name").equals(parent.path("sectionName")));
      }
      for (JsonNode rule : route.spec().path("rules")) {
        for (JsonNode backend : rule.path("backendRefs")) {
          Manifest service = manifests.find("Service", backend.path("name").asText()).orElseThrow();
          assertThat(service.spec().path("ports").valueStream())
              .anyMatch(port -> port.path("port").equals(backend.path("port")));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void policiesAreAboutPodsThatThereAre(Manifests manifests) {
    List<Map<String, String>> pods = new ArrayList<>(Pods.ofOperators(manifests));
    manifests.workloads().forEach(workload -> pods.add(workload.podLabels()));
    for (Manifest policy : manifests.ofKind("NetworkPolicy")) {
      List<JsonNode> selectors = new ArrayList<>(List.of(policy.spec().path("podSelector")));
      for (JsonNode peer : policy.spec().findParents("podSelector")) {
        if (peer != policy.spec() && !peer.has("namespaceSelector")) {
          selectors.add(peer.path("podSelector"));
        }
      }
      for (JsonNode selector : selectors) {
        assertThat(pods)
            .as("%s of %s", selector, policy)
            .anyMatch(labels -> Manifest.selects(selector, labels));
      }
      for (JsonNode rule : policy.spec().path("ingress")) {
        for (JsonNode port : rule.path("ports")) {
          if (port.path("port").isTextual()) {
            assertThat(manifests.serving())
                .filteredOn(
                    workload ->
                        Manifest.selects(policy.spec().path("podSelector"), workload.podLabels()))
                .as(policy.toString())
                .isNotEmpty()
                .allMatch(workload -> workload.hasPort(port.path("port").asText()));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyWorkloadThatServesIsMeasured(Manifests manifests) {
    Set<String> measured = new HashSet<>();
    for (Manifest monitor : manifests.ofKind("ServiceMonitor")) {
      for (Manifest service : manifests.ofKind("Service")) {
        if (Manifest.selects(monitor.spec().path("selector"), service.labels())) {
          for (JsonNode endpoint : monitor.spec().path("endpoints")) {
            assertThat(service.spec().path("ports").valueStream())
                .as("%s of %s", endpoint, service)
                .anyMatch(port -> port.path("name").equals(endpoint.path("port")));
          }
          measured.add(service.name());
        }
      }
    }
    assertThat(manifests.serving()).allMatch(workload -> measured.contains(workload.name()));
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void kafkasResourcesNameItsCluster(Manifests manifests) {
    List<JsonNode> roles = new ArrayList<>();
    for (String kind : List.of("KafkaNodePool", "KafkaTopic", "KafkaUser")) {
      assertThat(manifests.ofKind(kind)).isNotEmpty();
      for (Manifest of : manifests.ofKind(kind)) {
        String cluster = of.labels().getOrDefault("strimzi.io/cluster", "");
        assertThat(manifests.find("Kafka", cluster)).as(of.toString()).isPresent();
        of.spec().path("roles").forEach(roles::add);
      }
    }
    assertThat(roles).extracting(JsonNode::asText).contains("controller", "broker");
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyConfigMapIsRead(Manifests manifests) {
    for (Manifest map : manifests.ofKind("ConfigMap")) {
      boolean isDashboard = map.labels().containsKey("grafana_dashboard");
      boolean isRead =
          manifests.workloads().stream()
              .anyMatch(workload -> workload.podSpec().toString().contains('"' + map.name() + '"'));
      assertThat(isDashboard || isRead).as(map.toString()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void nothingIsThereTwice(Manifests manifests) {
    assertThat(manifests.all().stream().map(Manifest::toString)).doesNotHaveDuplicates();
  }
}
