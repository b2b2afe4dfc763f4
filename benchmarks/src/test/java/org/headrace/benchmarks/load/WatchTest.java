package org.headrace.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final int RATE = 50;
  private static final long MILLIS = 2_000;

  private HomeserverFake fake;
  private Homeserver server;
  private int unseen;

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

  private Span watch() throws IOException, InterruptedException {
    Population population = Population.create(server, "u", 2, 2, 1);
    Session reader = server.register(2, "reader", List.of());
    for (String room : population.roomIds()) {
      server.join(reader, room);
    }
    try (Watch watch = new Watch(server, population, reader, "test")) {
      watch.start(RATE, 0, 0, 0);
      Span unused = watch.begin("all");
      Thread.sleep(MILLIS);
      Span all = watch.begin("end");
      unseen = watch.end();
      return all;
    }
  }

  @Test
  void nothingThatGoesWellIsCounted() throws Exception {
    Span.Tally messages = watch().tally(Watch.SEND);
    assertThat(unseen).isZero();
    assertThat(messages.due).isBetween(RATE * 2L - 10, RATE * 2L + 10);
    assertThat(messages.hidden).isZero();
    assertThat(messages.failed).isZero();
    assertThat(messages.answers).isEmpty();
  }

  @Test
  void oneRefusalIsHiddenByTheRepeat() throws Exception {
    fake.refuse(20, 1);
    Span.Tally messages = watch().tally(Watch.SEND);
    assertThat(messages.hidden).isEqualTo(1);
    assertThat(messages.failed).isZero();
    assertThat(messages.answers).containsOnlyKeys("503").containsValue(1);
    assertThat(unseen).isZero();
  }

  @Test
  void twoRefusalsAreAFailure() throws Exception {
    // Each message of more than a second is refused, and so are repeats of those at its beginning.
    fake.refuse(10, RATE + 10);
    Span all = watch();
    Span.Tally messages = all.tally(Watch.SEND);
    assertThat(messages.failed).isPositive();
    assertThat(all.donePercent(List.of(Watch.SEND)))
        .isEqualTo(100.0 * (messages.due - messages.failed) / messages.due);
    assertThat(messages.hidden).isPositive();
  }

  @Test
  void aStallIsTimeWithoutProgress() throws Exception {
    fake.stall(20, 1_000);
    assertThat(watch().longestSeconds(Watch.SEND)).isGreaterThan(0.9);
  }
}
