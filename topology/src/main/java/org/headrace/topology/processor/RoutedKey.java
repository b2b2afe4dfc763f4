package org.headrace.topology.processor;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.serialization.Serializer;

/** A record key with the partition that it goes to. */
record RoutedKey(String key, int partition) {
  static final Serializer<RoutedKey> SERIALIZER =
      (topic, routed) -> routed.key().getBytes(StandardCharsets.UTF_8);
}
