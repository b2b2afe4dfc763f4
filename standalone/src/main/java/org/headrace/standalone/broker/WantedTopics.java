package org.headrace.standalone.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.account.account.AccountTopology;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Topic;
import org.headrace.sender.app.SenderTopology;
import org.headrace.stateres.room.RoomTopology;
import org.headrace.topology.processor.MachineDefinition;

/**
 * The topics of a deployment on several brokers.
 *
 * @param replication how many brokers keep each record
 * @param inSyncMin how many must have it before it is acknowledged
 */
public record WantedTopics(Partitions partitions, short replication, int inSyncMin) {
  /** One topic as it should be. */
  record Wanted(String name, int partitions, Map<String, String> settings) {}

  /** The topologies whose first offsets are set with the topics (design D2). */
  static List<MachineDefinition<?, ?>> topologies() {
    return List.of(RoomTopology.definition(), AccountTopology.definition());
  }

  List<Wanted> all() {
    List<Wanted> all = new ArrayList<>();
    for (Topic topic : Topic.values()) {
      all.add(
          new Wanted(
              topic.topicName(),
              partitions.count(topic.family()),
              TopicSettings.replicated(topic, inSyncMin)));
    }
    Map<String, Topic.Family> changelogs = new TreeMap<>(SenderTopology.changelogs());
    for (MachineDefinition<?, ?> topology : topologies()) {
      changelogs.put(topology.changelog(), topology.family());
    }
    changelogs.forEach(
        (name, family) ->
            all.add(
                new Wanted(name, partitions.count(family), TopicSettings.changelog(inSyncMin))));
    return all;
  }
}
