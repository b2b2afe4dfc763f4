package org.headrace.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.standalone.app.Role;
import org.headrace.standalone.k8s.Manifest;
import org.headrace.standalone.k8s.Manifests;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The program takes the settings that the manifests give each process. */
class KubernetesSettingsTest {
  private static final String EACH = "org.headrace.standalone.k8s.Manifests#each";

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource(EACH)
  void everyVariableIsASetting(Manifests manifests) {
    List<String> known = Arrays.stream(Setting.values()).map(Setting::variable).toList();
    for (Manifest workload : manifests.serving()) {
      assertThat(known)
          .as(workload.toString())
          .containsAll(manifests.environment(workload).keySet());
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyProcessStartsWithItsSettings(Manifests manifests) throws Exception {
    for (Manifest workload : manifests.serving()) {
      Settings settings = settings(manifests, workload);
      ClusterOptions cluster = settings.cluster().orElseThrow();
      assertThat(cluster.roles()).as(workload.toString()).contains(role(workload));
      assertThat(cluster.node()).isEqualTo(workload.name() + "-0");
      assertThat(settings.management()).as(workload.toString()).isPresent();
      assertThat(cluster.kafka().clientConfig())
          .as(workload.toString())
          .containsEntry("security.protocol", "SASL_SSL")
          .containsEntry("sasl.jaas.config", "of " + workload.name());
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void allRolesAreThereOnceAndOnlyReadersOfViewsHaveSigningKeys(Manifests manifests)
      throws Exception {
    assertThat(manifests.serving().stream().map(KubernetesSettingsTest::role))
        .containsAll(Role.all().stream().filter(role -> role != Role.PROJECTOR).toList())
        .doesNotHaveDuplicates();
    for (Manifest workload : manifests.serving()) {
      assertThat(manifests.environment(workload).containsKey(Setting.TENANTS.variable()))
          .as(workload.toString())
          .isEqualTo(
              Role.anyOf(
                  Role.READERS, settings(manifests, workload).cluster().orElseThrow().roles()));
    }
  }

  private static Role role(Manifest workload) {
    return Role.ofName(workload.name()).orElseThrow();
  }

  private Settings settings(Manifests manifests, Manifest workload) throws Exception {
    Map<String, String> environment = new TreeMap<>(manifests.environment(workload));
    Path kafka = Files.createDirectories(folder.resolve(workload.name()));
    for (var file : manifests.mounted(workload, "kafka").entrySet()) {
      Files.writeString(kafka.resolve(file.getKey()), file.getValue());
    }
    Files.writeString(kafka.resolve("sasl.jaas.config"), "of " + workload.name());
    environment.put(Setting.KAFKA_CONFIG.variable(), kafka.toString());
    return Settings.resolve(Map.of(), environment);
  }
}
