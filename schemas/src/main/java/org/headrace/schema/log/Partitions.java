package org.headrace.schema.log;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/** Which partition a room, a user or an alias belongs to; fixed for the life of the topics. */
public record Partitions(int rooms, int accounts) {
  public int ofRoom(String roomId) {
    return partition(roomId, rooms);
  }

  public int ofAccount(String key) {
    return partition(key, accounts);
  }

  public int count(Topic.Family family) {
    return family == Topic.Family.ROOM ? rooms : accounts;
  }

  public int of(Topic.Family family, String key) {
    return partition(key, count(family));
  }

  private static int partition(String key, int count) {
    return Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % count;
  }
}
