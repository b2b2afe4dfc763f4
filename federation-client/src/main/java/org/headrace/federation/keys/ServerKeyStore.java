package org.headrace.federation.keys;

import java.util.Optional;
import org.headrace.core.id.ServerName;

/**
 * The port to where the keys of other servers outlive a restart. What it loses is fetched again,
 * unless the server is gone: then old events of it cannot be verified any more.
 */
public interface ServerKeyStore {
  Optional<KnownKeys> load(ServerName server);

  void save(ServerName server, KnownKeys keys);
}
