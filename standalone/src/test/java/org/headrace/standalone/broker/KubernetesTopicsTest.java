package org.headrace.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.standalone.k8s.Manifest;
import org.headrace.standalone.k8s.Manifests;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The topics of the manifests are those that {@code headrace topics apply} would make. */
class KubernetesTopicsTest {
  private static final short REPLICATION = 3;
  private static final int IN_SYNC_MIN = 2;

  @ParameterizedTest
  @MethodSource("org.headrace.standalone.k8s.Manifests#each")
  void topicsAreThoseOfTheCatalogue(Manifests manifests) {
    Map<String, WantedTopics.Wanted> found = new TreeMap<>();
    for (Manifest topic : manifests.ofKind("KafkaTopic")) {
      assertThat(topic.json().at("/spec/replicas").asInt()).isEqualTo(REPLICATION);
      Map<String, String> settings = new TreeMap<>();
      topic
          .json()
          .at("/spec/config")
          .properties()
          .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
      int partitions = topic.json().at("/spec/partitions").asInt();
      found.put(topic.name(), new WantedTopics.Wanted(topic.name(), partitions, settings));
    }
    Partitions partitions =
        new Partitions(
            partitions(manifests, Topic.ROOM_COMMANDS),
            partitions(manifests, Topic.ACCOUNT_COMMANDS));
    Map<String, WantedTopics.Wanted> wanted =
        new WantedTopics(partitions, REPLICATION, IN_SYNC_MIN)
            .all().stream()
                .collect(
                    Collectors.toMap(
                        WantedTopics.Wanted::name,
                        topic -> topic,
                        (one, other) -> one,
                        TreeMap::new));
    assertThat(found).isEqualTo(wanted);
  }

  @ParameterizedTest
  @MethodSource("org.headrace.standalone.k8s.Manifests#each")
  void brokersLeaveNothingToChance(Manifests manifests) {
    Manifest kafka = manifests.ofKind("Kafka").getFirst();
    Map<String, String> settings = new TreeMap<>();
    kafka
        .json()
        .at("/spec/kafka/config")
        .properties()
        .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
    assertThat(settings)
        .containsEntry("auto.create.topics.enable", "false")
        .containsEntry("delete.topic.enable", "false")
        .containsEntry("unclean.leader.election.enable", "false")
        .containsEntry("min.insync.replicas", Integer.toString(IN_SYNC_MIN))
        .containsEntry("offsets.topic.replication.factor", Short.toString(REPLICATION));
    assertThat(Integer.parseInt(settings.get("message.max.bytes")))
        .isGreaterThanOrEqualTo(BrokerAccess.MESSAGE_BYTES_MAX);
    Set<String> listeners =
        kafka
            .json()
            .at("/spec/kafka/listeners")
            .valueStream()
            .map(l -> l.path("tls").asText() + " " + l.at("/authentication/type").asText())
            .collect(Collectors.toSet());
    assertThat(listeners).containsExactly("true scram-sha-512");
  }

  private static int partitions(Manifests manifests, Topic topic) {
    return manifests.ofKind("KafkaTopic").stream()
        .filter(found -> found.name().equals(topic.topicName()))
        .findFirst()
        .orElseThrow()
        .json()
        .at("/spec/partitions")
        .asInt();
  }
}
