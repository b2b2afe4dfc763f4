package org.headrace.ingest.federation;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.headrace.http.Peer;
import org.headrace.ingest.client.Writes;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;

/**
 * Tells the sender, now and then, that a server spoke to us, so that what waits for one that was
 * away is tried at once. Safe for many threads.
 */
@ApplicationScoped
public class HeardServers {
  /** How often a server's being there is told. */
  static final long EVERY_MILLIS = 15_000;

  private static final int SERVERS_MAX = 10_000;

  @Inject Writes writes;

  private final Map<Peer, Long> toldTs =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Peer, Long> eldest) {
          return size() > SERVERS_MAX;
        }
      };

  void heard(Peer peer) {
    if (isToBeTold(peer, writes.now())) {
      writes.log().publish(new QueueKey(peer.tenant(), peer.origin()), new QueueRecord.Wake());
    }
  }

  private synchronized boolean isToBeTold(Peer peer, long now) {
    Long before = toldTs.get(peer);
    if (before != null && now - before < EVERY_MILLIS) {
      return false;
    }
    toldTs.put(peer, now);
    return true;
  }
}
