package org.headrace.schema.federation;

import org.headrace.core.id.ServerName;
import org.headrace.schema.log.KeyPart;

/** Who sends to whom: the key of {@code federation.queue} and {@code federation.status}. */
public record QueueKey(ServerName tenant, ServerName destination) implements Comparable<QueueKey> {
  public String recordKey() {
    return KeyPart.escape(tenant.value()) + "|" + KeyPart.escape(destination.value());
  }

  public static QueueKey of(String recordKey) {
    int bar = recordKey.indexOf('|');
    return new QueueKey(
        new ServerName(KeyPart.unescape(recordKey.substring(0, bar))),
        new ServerName(KeyPart.unescape(recordKey.substring(bar + 1))));
  }

  @Override
  public int compareTo(QueueKey other) {
    return recordKey().compareTo(other.recordKey());
  }
}
