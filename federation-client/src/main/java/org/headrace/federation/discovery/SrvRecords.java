package org.headrace.federation.discovery;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.headrace.federation.discovery.SrvLookup.Answer;
import org.headrace.federation.net.Deadline;
import org.headrace.federation.net.SingleFlight;

/**
 * The SRV records of a host: {@code _matrix-fed._tcp}, else the deprecated {@code _matrix._tcp}.
 */
final class SrvRecords {
  private static final Duration FOUND_MIN = Duration.ofMinutes(1);
  private static final Duration FOUND_MAX = Duration.ofHours(1);
  private static final Duration NONE_FOR = Duration.ofMinutes(10);
  private static final Duration FAILED_FOR = Duration.ofMinutes(1);
  private static final int HOSTS_CACHED_MAX = 10_000;
  private static final int ENDPOINTS_MAX = 6;

  private final SrvLookup lookup;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final SingleFlight<String, Cached> flights = new SingleFlight<>();
  private final Cache<String, Cached> cache =
      Caffeine.newBuilder().maximumSize(HOSTS_CACHED_MAX).executor(Runnable::run).build();

  private record Cached(Answer answer, long untilMillis) {}

  SrvRecords(SrvLookup lookup, InstantSource clock, RandomGenerator random) {
    this.lookup = lookup;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Where the records say that the host is served, in the order to try; nothing if there are none.
   * Empty where the records say that it is not served at all.
   */
  Optional<List<Route.Endpoint>> endpoints(String host, Deadline deadline) {
    String key = host.toLowerCase(Locale.ROOT);
    Cached cached = cache.getIfPresent(key);
    if (cached == null || cached.untilMillis() <= clock.millis()) {
      cached = flights.await(key, () -> lookUp(key), deadline).orElse(null);
    }
    return cached == null || cached.answer().records().isEmpty()
        ? Optional.empty()
        : Optional.of(ordered(cached.answer().records()));
  }

  /** Both names are asked at once, since a name server that is away costs seconds. */
  private Cached lookUp(String host) {
    CompletableFuture<Answer> deprecated =
        CompletableFuture.supplyAsync(
            () -> lookup.lookup("_matrix._tcp." + host), Thread::startVirtualThread);
    Answer answer = lookup.lookup("_matrix-fed._tcp." + host);
    if (answer.records().isEmpty()) {
      Answer other = deprecated.join();
      answer = new Answer(other.records(), other.timeToLive(), answer.failed() || other.failed());
    }
    Cached cached = new Cached(answer, clock.millis() + time(answer).toMillis());
    cache.put(host, cached);
    return cached;
  }

  private static Duration time(Answer answer) {
    if (answer.records().isEmpty()) {
      return answer.failed() ? FAILED_FOR : NONE_FOR;
    }
    Duration said = answer.timeToLive();
    if (said.compareTo(FOUND_MIN) < 0) {
      return FOUND_MIN;
    }
    return said.compareTo(FOUND_MAX) > 0 ? FOUND_MAX : said;
  }

  /** By priority, within one by weighted chance (RFC 2782). */
  private List<Route.Endpoint> ordered(List<SrvLookup.Record> records) {
    Map<Integer, List<SrvLookup.Record>> byPriority = new TreeMap<>();
    for (SrvLookup.Record record : records) {
      if (!record.target().isEmpty() && record.port() > 0) {
        byPriority.computeIfAbsent(record.priority(), p -> new ArrayList<>()).add(record);
      }
    }
    List<Route.Endpoint> endpoints = new ArrayList<>();
    for (List<SrvLookup.Record> group : byPriority.values()) {
      group.sort(Comparator.comparingInt(SrvLookup.Record::weight));
      while (!group.isEmpty() && endpoints.size() < ENDPOINTS_MAX) {
        SrvLookup.Record chosen = group.remove(choose(group));
        endpoints.add(new Route.Endpoint(chosen.target(), chosen.port()));
      }
    }
    return List.copyOf(endpoints);
  }

  private int choose(List<SrvLookup.Record> group) {
    int total = group.stream().mapToInt(SrvLookup.Record::weight).sum();
    int at = random.nextInt(total + 1);
    int index = 0;
    for (int sum = group.get(0).weight(); sum < at; sum += group.get(index).weight()) {
      index++;
    }
    return index;
  }
}
