package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.server.ClusterScript;
import org.headrace.conformance.server.SharedCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A cluster of which processes are killed, stopped and restarted at random, brokers and Cassandra
 * included: nothing acknowledged is lost or applied twice, all views agree, and they are what a
 * fold of the logs from their beginning gives. Longer: {@code conformance/crash}.
 */
@DisabledIfSystemProperty(
    named = "headrace.cluster",
    matches = "false",
    disabledReason = "no cluster is wanted")
@ExtendWith(SharedCluster.class)
class CrashIT {
  /** Of the build: stops rooms, kills a projector, restarts Cassandra, kills ingest, … */
  private static final long SEED = Long.getLong("headrace.seed", 30);

  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("headrace.crash.seconds", 60));
  private static final Duration STOP =
      Duration.ofSeconds(Integer.getInteger("headrace.crash.stop", 14));
  private static final Duration SEEN_DEADLINE = Duration.ofMinutes(2);
  private static final int WRITERS = 6;

  /** So that what was killed has cores to start on. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private static final int ROOMS = 8;
  private static final int HALLS = 4;
  private static final int KEYS = 250;

  /** Folds the logs from their beginning; not one of the cluster's processes. */
  private static final String FOLD = "fold-1";

  private static final List<String> READERS = List.of("api-1", "api-2");

  @Test
  void nothingAcknowledgedIsLostWhileProcessesDie(ClusterScript cluster)
      throws InterruptedException {
    try (Load load =
        new Load(cluster.baseUrl(), SEED, WRITERS, ROOMS, HALLS, KEYS, SEEN_DEADLINE)) {
      Violations violations = new Violations();
      Faults faults = new Faults(cluster, DURATION, STOP, SEED);
      List<Throwable> failures =
          load.run(
              message -> !faults.over(),
              PAUSE,
              (count, sent, took) -> faults.acknowledged(sent, took));
      faults.close();
      violations.check(() -> assertThat(faults.count()).as("faults").isPositive());
      violations.check(() -> assertThat(failures).as("answers to writers").isEmpty());
      load.check(violations, SEEN_DEADLINE);
      try {
        cluster.start(FOLD);
        Map<String, String> folded = shown(cluster.url(FOLD), load);
        for (String reader : READERS) {
          violations.check(() -> assertSame(reader, cluster.url(reader), load, folded));
        }
      } finally {
        // The next class finds the cluster as this one did.
        cluster.stop(FOLD);
      }
      System.out.println(
          "crash: seed "
              + SEED
              + ", "
              + DURATION.toSeconds()
              + " s, stops of "
              + STOP.toSeconds()
              + " s\n"
              + faults.report()
              + "\nacknowledged: "
              + load.counts()
              + "\nviolations: "
              + violations.count());
      if (violations.count() > 0) {
        violations.failIfAny("data and logs are in " + cluster.keep());
      }
    }
  }

  /** Waits, since a view may be behind; what differs then is shown. */
  private static void assertSame(
      String reader, URI address, Load load, Map<String, String> folded) {
    AtomicReference<Map<String, String>> last = new AtomicReference<>(Map.of());
    Patience.until(
        () -> {
          last.set(shown(address, load));
          return last.get().equals(folded);
        },
        SEEN_DEADLINE);
    Map<String, String> differ = new TreeMap<>(last.get());
    differ.entrySet().removeAll(folded.entrySet());
    Map<String, String> lacking = new TreeMap<>(folded);
    lacking.entrySet().removeAll(last.get().entrySet());
    assertThat(differ).as("at " + reader + " and not of the logs: " + lacking).isEmpty();
    assertThat(lacking).as("of the logs and not at " + reader).isEmpty();
  }

  private static Map<String, String> shown(URI address, Load load) {
    List<Client> clients = load.clients();
    return ShownViews.at(address, clients, load.allRooms());
  }
}
