package org.headrace.standalone.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.headrace.account.account.AccountTopology;
import org.headrace.schema.log.Topic;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.processor.MachineDefinition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each role has what it needs of the log, and no more. */
class UsersTest {
  private static final String EACH = "org.headrace.standalone.k8s.Manifests#each";
  private static final String OPERATOR = "headrace-operator";

  @ParameterizedTest
  @MethodSource(EACH)
  void topologiesReadAndWriteTheirOwnTopicsOnly(Manifests manifests) {
    ofTopology(manifests, "headrace-rooms", RoomTopology.definition());
    ofTopology(manifests, "headrace-accounts", AccountTopology.definition());
  }

  private static void ofTopology(
      Manifests manifests, String user, MachineDefinition<?, ?> topology) {
    Set<String> reads = new TreeSet<>(Set.of(topology.changelog()));
    for (Topic topic : List.of(topology.commands(), topology.log(), topology.beside())) {
      reads.add(topic.topicName());
    }
    Set<String> writes = new TreeSet<>(Set.of(topology.changelog()));
    topology.outputs().forEach(topic -> writes.add(topic.topicName()));
    assertThat(topics(manifests, user, "Read")).isEqualTo(reads);
    assertThat(topics(manifests, user, "Write")).isEqualTo(writes);
    assertThat(names(manifests, user, "group", "Read")).containsExactly(topology.name());
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void onlyTheirTopologiesWriteTheLogs(Manifests manifests) {
    for (MachineDefinition<?, ?> topology :
        List.of(RoomTopology.definition(), AccountTopology.definition())) {
      for (Topic topic : List.of(topology.log(), topology.beside())) {
        assertThat(usersWith(manifests, topic, "Write")).as(topic.topicName()).hasSize(1);
      }
      assertThat(usersWith(manifests, topology.commands(), "Read")).hasSize(1);
    }
  }

  /**
   * Views are where all can read them, so that what is not in them need not be. Who takes tokens
   * hears from the accounts' log what ends them (ADR 7).
   */
  @ParameterizedTest
  @MethodSource(EACH)
  void onlyItsTopologyAndTheProjectorReadWhatLiesBesideALog(Manifests manifests) {
    assertThat(usersWith(manifests, Topic.ROOM_BODIES, "Read"))
        .containsExactlyInAnyOrder("headrace-rooms", "headrace-projector");
    assertThat(usersWith(manifests, Topic.ACCOUNT_ITEMS, "Read"))
        .containsExactlyInAnyOrder("headrace-accounts", "headrace-projector");
    assertThat(usersWith(manifests, Topic.ACCOUNT_LOG, "Read"))
        .containsExactlyInAnyOrder(
            "headrace-accounts", "headrace-projector", "headrace-ingest", "headrace-api");
    for (Topic.Family family : Topic.Family.values()) {
      String group = "projector-" + family.name().toLowerCase(Locale.ROOT);
      assertThat(names(manifests, "headrace-projector", "group", "Read")).contains(group);
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everybodySeesWhatTheStartChecks(Manifests manifests) {
    for (Manifest user : manifests.ofKind("KafkaUser")) {
      assertThat(user.spec().path("authentication").path("type").asText())
          .isEqualTo("scram-sha-512");
      for (String operation : List.of("Describe", "DescribeConfigs")) {
        assertThat(names(manifests, user.name(), "topic", operation)).contains("*");
      }
      for (var topology : List.of(RoomTopology.definition(), AccountTopology.definition())) {
        assertThat(names(manifests, user.name(), "group", "Describe")).contains(topology.name());
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void nobodyMakesOrDeletesTopics(Manifests manifests) {
    for (Manifest user : manifests.ofKind("KafkaUser")) {
      for (JsonNode rule : user.spec().path("authorization").path("acls")) {
        assertThat(rule.path("operations").valueStream().map(JsonNode::asText))
            .as(user.toString())
            .doesNotContain("All", "Create", "Delete", "Alter", "ClusterAction");
        assertThat(rule.path("resource").path("type").asText()).isIn("topic", "group");
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void everyTopicThatIsNamedIsThere(Manifests manifests) {
    Set<String> present =
        manifests.ofKind("KafkaTopic").stream().map(Manifest::name).collect(Collectors.toSet());
    for (Manifest user : manifests.ofKind("KafkaUser")) {
      for (String operation : List.of("Read", "Write")) {
        if (!user.name().equals(OPERATOR)) {
          assertThat(present).containsAll(topics(manifests, user.name(), operation));
        }
      }
    }
  }

  private static List<String> usersWith(Manifests manifests, Topic topic, String operation) {
    return manifests.ofKind("KafkaUser").stream()
        .map(Manifest::name)
        .filter(user -> !user.equals(OPERATOR))
        .filter(user -> topics(manifests, user, operation).contains(topic.topicName()))
        .toList();
  }

  private static Set<String> topics(Manifests manifests, String user, String operation) {
    return names(manifests, user, "topic", operation);
  }

  private static Set<String> names(
      Manifests manifests, String user, String type, String operation) {
    Set<String> names = new TreeSet<>();
    Manifest found = manifests.find("KafkaUser", user).orElseThrow();
    for (JsonNode rule : found.spec().path("authorization").path("acls")) {
      JsonNode resource = rule.path("resource");
      assertThat(resource.path("patternType").asText()).isEqualTo("literal");
      if (resource.path("type").asText().equals(type)
          && rule.path("operations").valueStream().anyMatch(o -> o.asText().equals(operation))) {
        names.add(resource.path("name").asText());
      }
    }
    return names;
  }
}
