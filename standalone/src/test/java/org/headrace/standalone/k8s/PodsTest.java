package org.headrace.standalone.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must hold of every pod, whoever makes it. */
class PodsTest {
  private static final String EACH = "org.headrace.standalone.k8s.Manifests#each";
  private static final List<String> PROBES =
      List.of("startupProbe", "livenessProbe", "readinessProbe");

  /** What a process may need after it has drained: requests under way have 30 seconds, stores 8. */
  private static final int CLOSE_SECONDS = 45;

  @ParameterizedTest
  @MethodSource(EACH)
  void everyContainerHasRequestsAndLimits(Manifests manifests) {
    for (Manifest workload : manifests.workloads()) {
      assertThat(workload.containers()).as(workload.toString()).isNotEmpty();
      workload.containers().forEach(container -> limited(container.path("resources"), workload));
    }
    for (Manifest pool : manifests.ofKind("KafkaNodePool")) {
      limited(pool.spec().path("resources"), pool);
    }
    for (Manifest kafka : manifests.ofKind("Kafka")) {
      for (String part : List.of("topicOperator", "userOperator")) {
        limited(kafka.spec().path("entityOperator").path(part).path("resources"), kafka);
      }
      limited(kafka.spec().path("kafkaExporter").path("resources"), kafka);
    }
    for (Manifest cassandra : manifests.ofKind("K8ssandraCluster")) {
      for (JsonNode datacenter : cassandra.spec().path("cassandra").path("datacenters")) {
        limited(datacenter.path("resources"), cassandra);
      }
    }
  }

  private static void limited(JsonNode resources, Manifest where) {
    for (String kind : List.of("requests", "limits")) {
      for (String what : List.of("cpu", "memory")) {
        assertThat(resources.path(kind).path(what).asText())
            .as("%s of %s of %s", kind, what, where)
            .isNotEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyContainerThatServesIsProbedOnPortsThatItHas(Manifests manifests) {
    for (Manifest workload : manifests.serving()) {
      for (JsonNode container : workload.podSpec().path("containers")) {
        for (String probe : PROBES) {
          JsonNode asked = container.path(probe).path("httpGet");
          assertThat(asked.path("path").asText())
              .as("%s of %s", probe, workload)
              .isEqualTo(probe.equals("readinessProbe") ? "/health/ready" : "/health/live");
          assertThat(workload.hasPort(asked.path("port").asText()))
              .as("port of the %s of %s", probe, workload)
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyPodIsRestricted(Manifests manifests) {
    for (Manifest workload : manifests.workloads()) {
      JsonNode pod = workload.podSpec();
      assertThat(pod.path("automountServiceAccountToken").asBoolean(true))
          .as("%s needs nothing of the Kubernetes API", workload)
          .isFalse();
      for (String host : List.of("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")) {
        assertThat(pod.path(host).asBoolean()).as("%s of %s", host, workload).isFalse();
      }
      for (JsonNode volume : pod.path("volumes")) {
        assertThat(volume.has("hostPath")).as("%s in %s", volume, workload).isFalse();
      }
      JsonNode of = pod.path("securityContext");
      assertThat(of.path("runAsNonRoot").asBoolean()).as(workload.toString()).isTrue();
      assertThat(of.path("runAsUser").asInt()).as(workload.toString()).isGreaterThan(9_999);
      assertThat(of.path("seccompProfile").path("type").asText())
          .as(workload.toString())
          .isEqualTo("RuntimeDefault");
      workload.containers().forEach(container -> restricted(container, workload));
    }
  }

  private static void restricted(JsonNode container, Manifest workload) {
    JsonNode of = container.path("securityContext");
    assertThat(of.path("readOnlyRootFilesystem").asBoolean()).as(workload.toString()).isTrue();
    assertThat(of.path("allowPrivilegeEscalation").asBoolean(true))
        .as(workload.toString())
        .isFalse();
    assertThat(of.path("privileged").asBoolean()).as(workload.toString()).isFalse();
    assertThat(of.path("capabilities").path("drop").toString())
        .as(workload.toString())
        .isEqualTo("[\"ALL\"]");
    assertThat(of.path("capabilities").has("add")).as(workload.toString()).isFalse();
    assertThat(of.path("seccompProfile").path("type").asText())
        .as(workload.toString())
        .isEqualTo("RuntimeDefault");
    JsonNode mounts = container.path("volumeMounts");
    assertThat(mounts.valueStream().map(mount -> mount.path("mountPath").asText()))
        .as("%s writes to its data and temporary files only", workload)
        .contains("/tmp", "/var/lib/headrace");
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyServiceAccountIsWithoutToken(Manifests manifests) {
    for (Manifest account : manifests.ofKind("ServiceAccount")) {
      assertThat(account.json().path("automountServiceAccountToken").asBoolean(true))
          .as(account.toString())
          .isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyProcessHasTimeToDrainAndToEnd(Manifests manifests) {
    for (Manifest workload : manifests.serving()) {
      Map<String, String> environment = manifests.environment(workload);
      int drain = Integer.parseInt(environment.getOrDefault("HEADRACE_DRAIN", "0"));
      assertThat(workload.podSpec().path("terminationGracePeriodSeconds").asInt())
          .as(workload.toString())
          .isGreaterThanOrEqualTo(drain + CLOSE_SECONDS);
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void noSecretIsWrittenDown(Manifests manifests) {
    assertThat(manifests.ofKind("Secret")).isEmpty();
    for (Manifest workload : manifests.workloads()) {
      assertThat(manifests.environment(workload).keySet())
          .as(workload.toString())
          .noneMatch(name -> name.matches(".*(PASSWORD|SECRET|TOKEN|CREDENTIAL).*"));
    }
    for (Manifest map : manifests.ofKind("ConfigMap")) {
      assertThat(Manifest.texts(map.json().path("data")).keySet())
          .as(map.toString())
          .noneMatch(key -> key.contains("password") || key.contains("jaas"));
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void overlaysNameTheVersionOfTheImage(Manifests manifests) {
    if (manifests.name().startsWith("overlays/")) {
      for (Manifest workload : manifests.workloads()) {
        for (JsonNode container : workload.containers()) {
          assertThat(container.path("image").asText())
              .as(workload.toString())
              .matches("[^:@]+(:(?!latest)[\\w.-]+|@sha256:[0-9a-f]{64})");
        }
      }
    }
  }
}
