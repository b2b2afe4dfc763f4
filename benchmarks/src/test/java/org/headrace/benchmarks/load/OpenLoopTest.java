package org.headrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final int RATE = 50;
  private static final Duration DRAIN = Duration.ofSeconds(3);

  private HomeserverFake fake;
  private Homeserver server;

  @BeforeEach
  void start() throws IOException {
    fake = new HomeserverFake();
    server = new Homeserver(fake.url());
  }

  @AfterEach
  void stop() {
    server.close();
    fake.close();
  }

  private Figures load() throws IOException, InterruptedException {
    Population population = Population.create(server, "u", 6, 3, 2);
    assertThat(population.membersPerRoom()).isEqualTo(4);
    try (OpenLoop loop = new OpenLoop(server, population, "test", 1, DRAIN)) {
      loop.start();
      return loop.run(Arrivals.Kind.CONSTANT, RATE, 0, 2);
    }
  }

  @Test
  void everyMessageIsMeasuredAtEveryOtherMember() throws Exception {
    Figures figures = load();
    assertThat(figures.complete()).isTrue();
    assertThat(figures.sent()).isBetween(2L * RATE - 1, 2L * RATE);
    assertThat(figures.put().count()).isEqualTo(figures.sent());
    assertThat(figures.delivery().count()).isEqualTo(3 * figures.sent());
  }

  @Test
  void aStallShowsInAllMessagesThatWereDueMeanwhile() throws Exception {
    fake.stall(20, 1_000);
    Figures figures = load();
    assertThat(figures.complete()).isTrue();
    assertThat(figures.put().max()).isGreaterThanOrEqualTo(999);
    // Half of the span's messages were due in the stalled second, half of those in its first half.
    assertThat(figures.put().p90()).isGreaterThan(500);
    assertThat(figures.delivery().p90()).isGreaterThan(500);
  }

  @Test
  void lostMessagesAreCounted() throws Exception {
    fake.lose(20);
    Figures figures = load();
    assertThat(figures.complete()).isFalse();
    assertThat(figures.undelivered()).isEqualTo(3);
    assertThat(figures.failed()).isZero();
  }

  @Test
  void repeatedMessagesAreCounted() throws Exception {
    fake.repeat(20);
    Figures figures = load();
    assertThat(figures.complete()).isFalse();
    assertThat(figures.doubled()).isEqualTo(3);
    assertThat(figures.undelivered()).isZero();
  }
}
