package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The load generator's command line; {@code benchmarks/run} starts it. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Loads a Matrix homeserver that lets anyone register.",
    subcommandsRepeatable = false)
public final class LoadCommand {
  @Option(
      names = "--url",
      scope = ScopeType.INHERIT,
      defaultValue = "http://127.0.0.1:8008",
      description = "The server's address [${DEFAULT-VALUE}]")
  private URI url = URI.create("http://127.0.0.1:8008");

  @Option(names = "--users", scope = ScopeType.INHERIT, description = "[${DEFAULT-VALUE}]")
  private int users = 100;

  @Option(names = "--rooms", scope = ScopeType.INHERIT, description = "[${DEFAULT-VALUE}]")
  private int rooms = 20;

  @Option(
      names = "--rooms-per-user",
      scope = ScopeType.INHERIT,
      description = "Rooms that each user is in [${DEFAULT-VALUE}]")
  private int roomsPerUser = 2;

  @Option(
      names = "--arrivals",
      scope = ScopeType.INHERIT,
      description = "CONSTANT or POISSON [${DEFAULT-VALUE}]")
  private Arrivals.Kind arrivals = Arrivals.Kind.POISSON;

  @Option(names = "--seed", scope = ScopeType.INHERIT, description = "[${DEFAULT-VALUE}]")
  private long seed = 1;

  @Option(
      names = "--results",
      scope = ScopeType.INHERIT,
      description = "A file to which the result is added as a line of JSON")
  private @Nullable Path results;

  @Option(
      names = "--label",
      scope = ScopeType.INHERIT,
      description = "What was measured, for the result")
  private String label = "";

  /** Distinct for each run, so that one server can be loaded many times. */
  private final String runName = Long.toString(System.currentTimeMillis(), 36);

  private static final double ACCEPTED_PERCENT_MIN = 99;

  private LoadCommand() {}

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    CommandLine command = new CommandLine(new LoadCommand());
    command.setExecutionExceptionHandler(
        (e, failed, parsed) -> {
          System.err.println("run: " + e.getMessage());
          return 1;
        });
    System.exit(command.execute(args));
  }

  @Command(description = "Messages at one rate: latencies of PUT and of delivery.")
  int rate(
      @Option(names = "--rate", defaultValue = "20", description = "messages/s [20]") double rate,
      @Option(names = "--seconds", defaultValue = "60", description = "[60]") int seconds,
      @Option(names = "--warm-up", defaultValue = "15", description = "seconds [15]") int warmUp,
      @Option(names = "--ready", description = "a file that is made when messages begin")
          @Nullable Path ready)
      throws IOException, InterruptedException {
    try (Homeserver server = new Homeserver(url)) {
      Population population = populate(server);
      try (OpenLoop loop = open(server, population)) {
        loop.start();
        if (ready != null) {
          Files.createFile(ready);
        }
        Figures figures = loop.run(arrivals, rate, warmUp, seconds);
        System.out.println(Figures.header());
        System.out.println(figures.row());
        report("rate", population, List.of(figures), null);
        return figures.complete() ? 0 : 1;
      }
    }
  }

  @Command(description = "The highest rate whose delivery p99 stays under a bound.")
  int ramp(
      @Option(names = "--from", defaultValue = "25", description = "messages/s [25]") double from,
      @Option(names = "--seconds", defaultValue = "30", description = "a step [30]") int seconds,
      @Option(names = "--warm-up", defaultValue = "10", description = "seconds [10]") int warmUp,
      @Option(names = "--bound", defaultValue = "500", description = "ms [500]") double bound)
      throws IOException, InterruptedException {
    try (Homeserver server = new Homeserver(url)) {
      Population population = populate(server);
      try (OpenLoop loop = open(server, population)) {
        loop.start();
        System.out.println(Figures.header());
        Ramp ramp = new Ramp(bound);
        double highest =
            ramp.search(
                from,
                rate -> {
                  Figures figures = loop.run(arrivals, rate, warmUp, seconds);
                  System.out.println(
                      figures.row() + (ramp.holds(figures) ? "" : "  over the bound"));
                  return figures;
                });
        System.out.printf("highest rate with delivery p99 under %.0f ms: %.1f/s%n", bound, highest);
        report("ramp", population, ramp.steps(), highest);
        return highest > 0 ? 0 : 1;
      }
    }
  }

  @Command(description = "Sends many messages as fast as waiting senders can.")
  int fill(
      @Option(names = "--messages", defaultValue = "10000", description = "[10000]") long messages,
      @Option(names = "--senders", defaultValue = "64", description = "[64]") int senders,
      @Option(
              names = "--conversation",
              description = "what people say, some state and receipts; else short messages")
          boolean conversation,
      @Option(names = "--session", description = "a file for a user's token and room")
          @Nullable Path session)
      throws IOException, InterruptedException {
    try (Homeserver server = new Homeserver(url)) {
      Population population = populate(server);
      if (session != null) {
        Session user = population.users().getFirst();
        Files.writeString(session, user.token() + "\n" + population.roomIds().getFirst() + "\n");
      }
      long begin = System.nanoTime();
      Fill.Sender sender =
          conversation
              ? Fill.conversation(server, population, seed)
              : Fill.messages(server, population);
      long sent = Fill.run(population, sender, runName, messages, senders);
      double seconds = (System.nanoTime() - begin) / 1e9;
      System.out.printf("%d messages in %.1f s, %.0f/s%n", sent, seconds, sent / seconds);
      return sent == messages ? 0 : 1;
    }
  }

  @Command(
      description = {
        "A steady load in spans: each line of the standard input begins one, and is its name;",
        "the end of the input ends the load. Says which requests a repeat did not hide."
      })
  int watch(
      @Option(names = "--rate", defaultValue = "20", description = "messages/s [20]") double rate,
      @Option(names = "--account-data", defaultValue = "5", description = "writes/s [5]")
          double kept,
      @Option(names = "--reads", defaultValue = "5", description = "of /messages, a second [5]")
          double reads,
      @Option(
              names = "--others",
              defaultValue = "0",
              description =
                  "further writes/s: state, receipts, typing, to-device, redactions, invites [0]")
          double others,
      @Option(
              names = "--accepted",
              description = "a span in which 99 of 100 writes must be accepted, repeats included")
          @Nullable String accepted)
      throws IOException, InterruptedException {
    try (Homeserver server = new Homeserver(url);
        BufferedReader names =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Population population = populate(server);
      Session reader = server.register(users, "load-" + runName + "-reader", List.of());
      for (String room : population.roomIds()) {
        server.join(reader, room);
      }
      try (Watch watch = new Watch(server, population, reader, runName)) {
        watch.start(rate, kept, reads, others);
        System.out.println(Span.header());
        List<Span> spans = new ArrayList<>();
        for (String name = names.readLine(); name != null; name = names.readLine()) {
          spans.add(watch.begin(name));
        }
        spans.add(watch.begin("end"));
        int unseen = watch.end();
        // What fell due before the first span is nobody's.
        spans.stream().skip(1).forEach(span -> System.out.print(span.rows()));
        System.out.printf("acknowledged and never seen: %d%n", unseen);
        boolean enough = true;
        for (Span span : spans) {
          if (span.name.equals(accepted)) {
            double percent = span.donePercent(Watch.WRITES);
            System.out.printf("%s: %.2f %% of all writes were accepted%n", accepted, percent);
            enough &= percent >= ACCEPTED_PERCENT_MIN;
          }
        }
        return unseen == 0 && enough ? 0 : 1;
      }
    }
  }

  private Population populate(Homeserver server) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Population population =
        Population.create(server, "load-" + runName + "-", users, rooms, roomsPerUser);
    System.out.printf(
        "%d users in %d rooms of %d, made in %.1f s%n",
        users, rooms, population.membersPerRoom(), (System.nanoTime() - begin) / 1e9);
    return population;
  }

  private OpenLoop open(Homeserver server, Population population) {
    return new OpenLoop(server, population, runName, seed, OpenLoop.DRAIN);
  }

  private void report(
      String mode, Population population, List<Figures> steps, @Nullable Double highest)
      throws IOException {
    ObjectNode line = Homeserver.JSON.createObjectNode();
    line.put("mode", mode).put("label", label).put("arrivals", arrivals.name()).put("seed", seed);
    line.put("users", users).put("rooms", rooms).put("membersPerRoom", population.membersPerRoom());
    if (highest != null) {
      line.put("highestPerSecond", highest);
    }
    line.set("steps", Homeserver.JSON.valueToTree(steps));
    String json = Homeserver.JSON.writeValueAsString(line);
    System.out.println(json);
    if (results != null) {
      Files.writeString(
          results,
          json + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }
}
