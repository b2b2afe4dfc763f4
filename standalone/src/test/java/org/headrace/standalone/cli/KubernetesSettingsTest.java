package org.headrace.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.projections.cassandra.CassandraSettings;
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
          .containsEntry("sasl.jaas.config", "of headrace-" + workload.name());
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void whoNeedsViewsAndNobodyElseIsToldOfCassandra(Manifests manifests) throws Exception {
    for (Manifest workload : manifests.serving()) {
      ClusterOptions cluster = settings(manifests, workload).cluster().orElseThrow();
      boolean needsViews =
          cluster.roles().contains(Role.PROJECTOR) || Role.anyOf(Role.READERS, cluster.roles());
      assertThat(cluster.cassandra().isPresent()).as(workload.toString()).isEqualTo(needsViews);
      if (needsViews) {
        CassandraSettings cassandra = cluster.cassandra().orElseThrow();
        JsonNode datacenter = datacenter(manifests);
        String name = datacenter.path("metadata").path("name").asText();
        assertThat(cassandra.localDatacenter()).isEqualTo(name);
        boolean forMany = manifests.name().equals("overlays/production");
        assertThat(cassandra.login().orElseThrow().role())
            .isEqualTo(forMany ? "of headrace-views" : "of headrace-views-superuser");
        assertThat(cassandra.tls().isPresent())
            .as("%s speaks as Cassandra does", workload)
            .isEqualTo(forMany)
            .isEqualTo(speaksTlsOnly(manifests));
        assertThat(cassandra.contactPoints())
            .extracting(point -> point.getHostString())
            .containsExactly("headrace-views-" + name + "-service");
        assertThat(cassandra.replication().orElseThrow())
            .as("every row on each node")
            .isEqualTo(
                "{'class': 'NetworkTopologyStrategy', '%s': %d}"
                    .formatted(name, datacenter.path("size").asInt()));
      }
    }
  }

  /** Whether Cassandra has a certificate, and refuses plain text. */
  private static boolean speaksTlsOnly(Manifests manifests) {
    JsonNode stores =
        manifests
            .ofKind("K8ssandraCluster")
            .getFirst()
            .json()
            .at("/spec/cassandra/clientEncryptionStores");
    JsonNode options = datacenter(manifests).at("/config/cassandraYaml/client_encryption_options");
    return stores.path("keystoreSecretRef").path("name").asText().equals("headrace-views-tls")
        && options.path("enabled").asBoolean()
        && !options.path("optional").asBoolean(true);
  }

  private static JsonNode datacenter(Manifests manifests) {
    return manifests
        .ofKind("K8ssandraCluster")
        .getFirst()
        .json()
        .at("/spec/cassandra/datacenters/0");
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void allRolesAreThereOnceAndOnlyReadersOfViewsHaveSigningKeys(Manifests manifests)
      throws Exception {
    assertThat(manifests.serving().stream().map(KubernetesSettingsTest::role))
        .containsExactlyInAnyOrderElementsOf(Role.all());
    for (Manifest workload : manifests.serving()) {
      assertThat(manifests.environment(workload).containsKey(Setting.TENANTS.variable()))
          .as(workload.toString())
          .isEqualTo(
              Role.anyOf(
                  Role.READERS, settings(manifests, workload).cluster().orElseThrow().roles()));
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void whoTakesUploadsAndWhoAnswersWithThemShareAVolume(Manifests manifests) throws Exception {
    for (Manifest workload : manifests.serving()) {
      Role role = role(workload);
      Optional<Path> media = settings(manifests, workload).media();
      assertThat(media.isPresent()).as(workload.toString()).isEqualTo(Role.HTTP.contains(role));
      if (media.isPresent()) {
        assertThat(media.get().toString()).isEqualTo(manifests.mountPath(workload, "media"));
        JsonNode claim = manifests.claim(workload, "media").orElseThrow();
        assertThat(claim.at("/spec/accessModes").toString()).isEqualTo("[\"ReadWriteMany\"]");
      }
    }
  }

  private static Role role(Manifest workload) {
    return Role.ofName(workload.name()).orElseThrow();
  }

  private Settings settings(Manifests manifests, Manifest workload) throws Exception {
    Map<String, String> environment = new TreeMap<>(manifests.environment(workload));
    mount(manifests, workload, "kafka", Setting.KAFKA_CONFIG, environment);
    mount(manifests, workload, "cassandra", Setting.CASSANDRA_CONFIG, environment);
    return Settings.resolve(Map.of(), environment).requireMedia();
  }

  /** A file of authorities, in the place of the one that a Secret's volume holds. */
  private String authority(Manifests manifests, Manifest workload, String named) throws Exception {
    assertThat(named)
        .as(workload.toString())
        .isEqualTo(manifests.mountPath(workload, "cassandra-ca") + "/ca.crt");
    Path file = folder.resolve("authority.pem");
    try (InputStream pem = getClass().getResourceAsStream("/k8s/authority.pem")) {
      Files.write(file, Objects.requireNonNull(pem).readAllBytes());
    }
    return file.toString();
  }

  private void mount(
      Manifests manifests,
      Manifest workload,
      String volume,
      Setting setting,
      Map<String, String> environment)
      throws Exception {
    if (environment.containsKey(setting.variable())) {
      assertThat(manifests.mountPath(workload, volume))
          .as(workload.toString())
          .isEqualTo(environment.get(setting.variable()));
      Path mounted = Files.createDirectories(folder.resolve(workload.name()).resolve(volume));
      for (var file : manifests.mounted(workload, volume).entrySet()) {
        Files.writeString(
            mounted.resolve(file.getKey()),
            file.getKey().equals("ca")
                ? authority(manifests, workload, file.getValue())
                : file.getValue());
      }
      environment.put(setting.variable(), mounted.toString());
    }
  }
}
