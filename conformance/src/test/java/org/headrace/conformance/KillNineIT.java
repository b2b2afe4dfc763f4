package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.headrace.conformance.openapi.ValidatingProxy;
import org.headrace.conformance.server.HeadraceProcess;
import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The server is killed with -9 while clients write, and restarted on its data: nothing acknowledged
 * is lost, doubled or reordered. {@code conformance/kill9} runs it long: {@code -Dheadrace.kills},
 * {@code -Dheadrace.kill.messages} (each sender's), {@code -Dheadrace.seed}.
 */
class KillNineIT {
  private static final int KILLS = Integer.getInteger("headrace.kills", 2);
  private static final int MESSAGES = Integer.getInteger("headrace.kill.messages", 60);

  /** The same in every build; {@code -Dheadrace.seed} tries another. */
  private static final long SEED = Long.getLong("headrace.seed", 1);

  private static final int SCENARIO_DEADLINE_SECONDS = 120 + KILLS * 60;
  private static final int WRITERS = 6;
  private static final int ROOMS = 12;
  private static final int HALLS = 3;
  private static final int KEYS = 200;
  private static final Duration SEEN_DEADLINE = Duration.ofSeconds(30);

  private HeadraceProcess server;
  private ValidatingProxy proxy;

  @BeforeEach
  void start() {
    server = HeadraceProcess.start();
    proxy = ValidatingProxy.before(server.baseUrl(), SharedServer.validator());
  }

  @AfterEach
  void stop() {
    proxy.close();
    server.close();
  }

  @Test
  void realClientsOutliveKills() {
    List<Duration> restarts;
    NodeScenario.Result result;
    try (Kills kills = new Kills(server, KILLS, 2 * MESSAGES, SEED)) {
      result =
          NodeScenario.run(
              proxy.baseUrl(), MESSAGES, SCENARIO_DEADLINE_SECONDS, kills::acknowledged);
      kills.close();
      restarts = kills.restarts();
    }
    String shown =
        result.report().toPrettyString() + "\n" + result.said() + "\n" + server.outputTail();
    assertThat(result.report().path("right").asBoolean()).as(shown).isTrue();
    assertThat(result.exitCode()).as(shown).isZero();
    assertThat(restarts).as("every kill took place").hasSize(KILLS);
    SharedServer.failOn(proxy.takeViolations());
    System.out.println(
        "kill -9, real clients: 2 × "
            + MESSAGES
            + " messages, all there once and in order after "
            + KILLS
            + " kills; restarts "
            + restarts.stream().map(Duration::toMillis).toList()
            + " ms");
  }

  @Test
  void manyRoomsAndUsersOutliveKills() throws InterruptedException {
    try (Load load = new Load(proxy.baseUrl(), SEED, WRITERS, ROOMS, HALLS, KEYS, Duration.ZERO)) {
      try (Kills kills = new Kills(server, KILLS, WRITERS * MESSAGES, SEED + 1)) {
        assertThat(
                load.run(
                    message -> message < MESSAGES,
                    Duration.ZERO,
                    (count, sent, took) -> kills.acknowledged(count)))
            .as(server.outputTail())
            .isEmpty();
        kills.close();
        assertThat(kills.restarts()).as("every kill took place").hasSize(KILLS);
        System.out.println(
            "kill -9, "
                + ROOMS
                + " rooms: "
                + load.counts()
                + "; restarts "
                + kills.restarts().stream().map(Duration::toMillis).toList()
                + " ms");
      }
      Violations violations = new Violations();
      load.check(violations, SEEN_DEADLINE);
      violations.failIfAny("of what was acknowledged");
    }
    SharedServer.failOn(proxy.takeViolations());
  }
}
