package org.headrace.federation.keys;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import org.headrace.core.id.ServerName;

/** Keeps the keys of the servers that are met most, until the process ends. */
public final class InMemoryServerKeyStore implements ServerKeyStore {
  /** All keys together, some 300 bytes each. */
  static final int KEYS_MAX = 200_000;

  private final Cache<ServerName, KnownKeys> keys =
      Caffeine.newBuilder()
          .maximumWeight(KEYS_MAX)
          .weigher((ServerName server, KnownKeys known) -> 1 + known.keys().size())
          .executor(Runnable::run)
          .build();

  @Override
  public Optional<KnownKeys> load(ServerName server) {
    return Optional.ofNullable(keys.getIfPresent(server));
  }

  @Override
  public void save(ServerName server, KnownKeys known) {
    keys.put(server, known);
  }
}
