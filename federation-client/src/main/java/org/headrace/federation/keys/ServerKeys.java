package org.headrace.federation.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.net.Deadline;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.SingleFlight;

/**
 * The keys of servers: those of hosted ones from the port, those of others from the store, else
 * from the server itself, else from the notaries. A server is asked once at a time and not again
 * before a while, and nobody waits for long; so an answer may know less than was needed.
 */
public final class ServerKeys {
  /** Longest wait for one server's keys. */
  static final Duration WAIT_MAX = Duration.ofSeconds(30);

  /** Longest wait for the keys of many servers. */
  static final Duration MANY_WAIT_MAX = Duration.ofMinutes(2);

  /** Requests for single servers' keys at a time. */
  static final int FETCHES_MAX = 200;

  /** Requests for the keys of many servers at a time, apart from the others: a join is no hurry. */
  static final int MANY_FETCHES_MAX = 100;

  /** Stripes of the lock under which what is stored of a server changes. */
  private static final int LOCKS = 64;

  private final TenantKeys tenants;
  private final ServerKeyStore store;
  private final List<ServerName> notaries;
  private final InstantSource clock;
  private final KeySources sources;
  private final KeySources manySources;
  private final KeyAttempts attempts;
  private final KeyAttempts notaryAttempts;
  private final SingleFlight<ServerName, KnownKeys> flights = new SingleFlight<>();
  private final Object[] locks = new Object[LOCKS];

  public ServerKeys(
      FederationClient client,
      TenantKeys tenants,
      ServerKeyStore store,
      List<ServerName> notaries,
      InstantSource clock) {
    this.tenants = tenants;
    this.store = store;
    this.notaries = List.copyOf(notaries);
    this.clock = clock;
    this.sources = new KeySources(client, clock, FETCHES_MAX);
    this.manySources = new KeySources(client, clock, MANY_FETCHES_MAX);
    this.attempts = new KeyAttempts(clock);
    this.notaryAttempts = new KeyAttempts(clock);
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  /** What is known of a server without asking anybody. */
  public KnownKeys known(ServerName server) {
    return tenants.isHosted(server) ? ofTenant(server) : store.load(server).orElse(KnownKeys.NONE);
  }

  /** What is known of a server after asking for what is needed and not known. */
  public KnownKeys of(ServerName server, KeyNeed need) {
    KnownKeys known = known(server);
    if (need.isMetBy(known) || !mayAsk(server)) {
      return known;
    }
    Deadline deadline = Deadline.in(WAIT_MAX);
    return flights.await(server, () -> fetchOne(server, need, deadline), deadline).orElse(known);
  }

  /** As {@link #of}, for many servers at once, the notaries first. */
  public SortedMap<ServerName, KnownKeys> ofAll(Map<ServerName, KeyNeed> needs) {
    SortedMap<ServerName, KnownKeys> all = new TreeMap<>();
    SortedMap<ServerName, KeyNeed> missing = new TreeMap<>();
    needs.forEach(
        (server, need) -> {
          all.put(server, known(server));
          if (!need.isMetBy(known(server)) && mayAsk(server)) {
            missing.put(server, need);
          }
        });
    Deadline deadline = Deadline.in(MANY_WAIT_MAX);
    askNotariesInParts(missing, deadline);
    missing.entrySet().removeIf(entry -> entry.getValue().isMetBy(known(entry.getKey())));
    fetchAll(missing, deadline);
    all.replaceAll((server, before) -> known(server));
    return all;
  }

  private void askNotariesInParts(SortedMap<ServerName, KeyNeed> needs, Deadline deadline) {
    Iterator<Map.Entry<ServerName, KeyNeed>> left = needs.entrySet().iterator();
    while (!notaries.isEmpty() && left.hasNext() && !deadline.hasPassed()) {
      SortedMap<ServerName, KeyNeed> some = new TreeMap<>();
      while (left.hasNext() && some.size() < KeySources.NOTARY_SERVERS_MAX) {
        Map.Entry<ServerName, KeyNeed> next = left.next();
        some.put(next.getKey(), next.getValue());
      }
      askNotaries(some, manySources, deadline);
    }
  }

  private void fetchAll(SortedMap<ServerName, KeyNeed> needs, Deadline deadline) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      needs.forEach(
          (server, need) ->
              threads.submit(
                  () ->
                      flights.await(
                          server, () -> askServer(server, manySources, deadline), deadline)));
    }
  }

  private boolean mayAsk(ServerName server) {
    return !tenants.isHosted(server)
        && (attempts.mayAsk(server) || (!notaries.isEmpty() && notaryAttempts.mayAsk(server)));
  }

  private KnownKeys fetchOne(ServerName server, KeyNeed need, Deadline deadline) {
    KnownKeys known = askServer(server, sources, deadline);
    if (!need.isMetBy(known) && !notaries.contains(server)) {
      askNotaries(new TreeMap<>(Map.of(server, need)), sources, deadline);
    }
    return known(server);
  }

  private KnownKeys askServer(ServerName server, KeySources from, Deadline deadline) {
    if (attempts.mayAsk(server)) {
      try {
        PublishedKeys published = from.fromServer(server, deadline);
        attempts.answered(server);
        change(server, known -> known.with(published, clock.millis()));
      } catch (FederationException e) {
        attempts.failed(server);
      } catch (KeySources.NoTurn e) {
        // It was not asked, so it has not failed.
      }
    }
    return known(server);
  }

  /** One after another, until all is known. */
  private void askNotaries(
      SortedMap<ServerName, KeyNeed> asked, KeySources from, Deadline deadline) {
    SortedMap<ServerName, KeyNeed> needs = new TreeMap<>(asked);
    needs.keySet().removeIf(server -> !notaryAttempts.mayAsk(server));
    for (ServerName notary : notaries) {
      needs.remove(notary);
      if (needs.isEmpty() || tenants.isHosted(notary)) {
        continue;
      }
      try {
        for (PublishedKeys published : from.fromNotary(notary, needs, this::isSigned, deadline)) {
          change(published.server(), known -> known.withNotarised(published));
        }
      } catch (FederationException | KeySources.NoTurn e) {
        // The next one may answer.
      }
      needs.entrySet().removeIf(entry -> entry.getValue().isMetBy(known(entry.getKey())));
    }
    for (ServerName server : asked.keySet()) {
      if (needs.containsKey(server)) {
        notaryAttempts.failed(server);
      }
    }
  }

  /**
   * Whether the notary has signed this with a key that holds now, which it was asked for itself.
   */
  private boolean isSigned(ServerName notary, ObjectNode entry) {
    long now = clock.millis();
    for (var signature : entry.path("signatures").path(notary.value()).properties()) {
      String keyId = signature.getKey();
      if (VerifyKey.isKeyId(keyId)) {
        Optional<VerifyKey> key = of(notary, KeyNeed.of(keyId, now, true)).find(keyId, now, true);
        return key.isPresent()
            && JsonSigner.verify(entry, notary.value(), keyId, key.get().bytes());
      }
    }
    return false;
  }

  private interface Change {
    KnownKeys of(KnownKeys known);
  }

  private void change(ServerName server, Change change) {
    synchronized (locks[Math.floorMod(server.hashCode(), LOCKS)]) {
      store.save(server, change.of(store.load(server).orElse(KnownKeys.NONE)));
    }
  }

  private KnownKeys ofTenant(ServerName tenant) {
    SortedMap<String, VerifyKey> keys = new TreeMap<>();
    for (TenantKeys.OldKey old : tenants.old(tenant)) {
      keys.put(old.keyId(), new VerifyKey(old.keyId(), old.publicKey(), old.expiredMillis(), true));
    }
    SigningKey current = tenants.current(tenant);
    keys.put(
        current.keyId(),
        new VerifyKey(current.keyId(), current.publicKeyBase64(), Long.MAX_VALUE, false));
    return new KnownKeys(keys, clock.millis());
  }
}
