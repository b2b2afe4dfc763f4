package org.headrace.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.headrace.standalone.broker.EmbeddedBroker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code headrace topics apply}: shows first, does it once. */
class TopicsCommandTest {
  private static final List<String> SMALL =
      List.of("--replication", "1", "--min-in-sync", "1", "--room-partitions", "2");

  @TempDir Path folder;

  private EmbeddedBroker broker;

  private record Said(int exit, String out, String err) {}

  @BeforeEach
  void start() throws Exception {
    broker = EmbeddedBroker.start(folder.resolve("data"));
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void showsThenDoesItAndThenNothing() throws Exception {
    Said shown = apply("--dry-run");
    assertThat(shown.exit()).isZero();
    assertThat(shown.out())
        .contains("make room.log: 2 partitions", "make account.log: 12 partitions")
        .doesNotContain("done");
    Said unasked = apply();
    assertThat(unasked.exit()).isNotZero();
    assertThat(unasked.err()).contains("add --yes");
    assertThat(unasked.out()).as("nothing was done before").isEqualTo(shown.out());

    Said done = apply("--yes");
    assertThat(done.exit()).as(done.err()).isZero();
    assertThat(done.out()).isEqualTo(shown.out() + "done" + System.lineSeparator());
    // The broker takes over from its controller what is made, some time after it is made.
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!apply("--dry-run").out().equals("nothing to do" + System.lineSeparator())) {
      assertThat(System.nanoTime()).as("the deadline").isLessThan(deadline);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    Said again = apply("--yes");
    assertThat(again.exit()).isZero();
    assertThat(again.out()).isEqualTo("nothing to do" + System.lineSeparator());
  }

  @Test
  void moreInSyncThanCopiesIsRefused() throws Exception {
    Said said = apply("--min-in-sync", "2");
    assertThat(said.exit()).isNotZero();
    assertThat(said.err()).contains("--min-in-sync must be from 1 to --replication");
  }

  private Said apply(String... more) throws Exception {
    Path security = folder.resolve("kafka.properties");
    Files.writeString(
        security,
        broker.access().clientConfig().entrySet().stream()
            .filter(setting -> setting.getKey().matches("(security|sasl)\\..*"))
            .map(setting -> setting.getKey() + "=" + setting.getValue())
            .collect(Collectors.joining("\n")));
    List<String> args = new ArrayList<>(List.of("topics", "apply"));
    args.addAll(List.of("--kafka", "127.0.0.1:" + broker.access().port()));
    args.addAll(List.of("--kafka-config", security.toString()));
    args.addAll(List.of("--data", folder.resolve("own").toString()));
    List<String> given = List.of(more);
    for (int i = 0; i < SMALL.size(); i += 2) {
      if (!given.contains(SMALL.get(i))) {
        args.addAll(SMALL.subList(i, i + 2));
      }
    }
    args.addAll(given);
    return say(args.toArray(String[]::new));
  }

  private static Said say(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream complained = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      int exit = Main.execute(args);
      return new Said(
          exit, said.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
