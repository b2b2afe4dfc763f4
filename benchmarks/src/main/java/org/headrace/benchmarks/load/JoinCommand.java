package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.headrace.federation.fixture.Origins;
import org.headrace.federation.fixture.TestAuthority;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Joins a large room of other servers while users send in other rooms; {@code benchmarks/join}
 * starts it. First it writes {@code authority.pem} and {@code hosts} for the server, then it waits
 * for that.
 */
@Command(name = "join", mixinStandardHelpOptions = true)
public final class JoinCommand implements Callable<Integer> {
  private static final int USERS = 100;
  private static final int ROOMS = 20;

  @Parameters(arity = "0..1", description = "members of the room [${DEFAULT-VALUE}]")
  private int members = 50_000;

  @Option(names = "--url", required = true)
  private URI url = URI.create("http://127.0.0.1:8008");

  @Option(names = "--folder", required = true, description = "for authority.pem and hosts")
  private Path folder = Path.of(".");

  @Option(names = "--servers", description = "that the members are of [${DEFAULT-VALUE}]")
  private int servers = 100;

  @Option(names = "--rate", description = "messages/s in other rooms [${DEFAULT-VALUE}]")
  private double rate = 20;

  @Option(names = "--quiet-seconds", description = "measured before [${DEFAULT-VALUE}]")
  private int quietSeconds = 30;

  @Option(names = "--label")
  private String label = "";

  /** Seconds from the request for the join. */
  private record Joined(double answer, double shown) {}

  /** Seconds of initial syncs. */
  private record Synced(double lazy, double whole, long members) {}

  private JoinCommand() {}

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(new CommandLine(new JoinCommand()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    TestAuthority authority = new TestAuthority("Join");
    Files.writeString(folder.resolve("hosts"), Origins.hosts(servers));
    LargeRoom[] room = new LargeRoom[1];
    try (Origins origins = new Origins(authority, servers, exchange -> room[0].handle(exchange));
        Homeserver server = new Homeserver(url)) {
      room[0] = new LargeRoom(origins.all(), members);
      authority.writePem(folder.resolve("authority.pem"));
      System.out.println(room[0].size() + ", members of " + servers + " servers");
      while (!server.isServing()) {
        Thread.sleep(200);
      }
      String run = Long.toString(System.currentTimeMillis(), 36);
      Population population = Population.create(server, "honest-" + run + "-", USERS, ROOMS, 2);
      Session joiner = server.register(USERS, "joiner-" + run, List.of());
      try (OpenLoop loop = new OpenLoop(server, population, run, 1, OpenLoop.DRAIN)) {
        loop.start();
        measure(server, loop, joiner, room[0]);
      }
    }
    return 0;
  }

  private void measure(Homeserver server, OpenLoop loop, Session joiner, LargeRoom room)
      throws Exception {
    System.out.println(Figures.header());
    Figures quiet = loop.run(Arrivals.Kind.POISSON, rate, quietSeconds, quietSeconds);
    System.out.println(quiet.row() + "  before");
    FutureTask<Joined> join = new FutureTask<>(() -> join(server, joiner, room));
    Thread.startVirtualThread(join);
    Figures during = loop.runWhile(Arrivals.Kind.POISSON, rate, () -> !join.isDone());
    System.out.println(during.row() + "  during");
    Joined joined = join.get();
    Figures after = loop.run(Arrivals.Kind.POISSON, rate, 0, quietSeconds);
    System.out.println(after.row() + "  after");
    Synced synced = sync(server, joiner, room);
    System.out.printf(
        "join answered after %.1f s, in /sync after %.1f s; initial /sync with lazy members %.2f s,"
            + " with all %d members %.2f s%n",
        joined.answer, joined.shown, synced.lazy, synced.members, synced.whole);
    ObjectNode line = Homeserver.JSON.createObjectNode();
    line.put("mode", "join").put("label", label).put("members", members).put("rate", rate);
    line.put("answeredSeconds", joined.answer).put("shownSeconds", joined.shown);
    line.put("lazySyncSeconds", synced.lazy).put("wholeSyncSeconds", synced.whole);
    line.put("quietP99Millis", quiet.put().p99()).put("duringP99Millis", during.put().p99());
    line.put("duringMaxMillis", during.put().max());
    System.out.println(Homeserver.JSON.writeValueAsString(line));
  }

  private static Joined join(Homeserver server, Session joiner, LargeRoom room) throws Exception {
    String since = server.sync(joiner, null, Homeserver.LAZY_FILTER).path("next_batch").textValue();
    long begun = System.nanoTime();
    FutureTask<Double> shown =
        new FutureTask<>(() -> awaitRoom(server, joiner, since, room, begun));
    Thread.startVirtualThread(shown);
    server.joinThrough(joiner, room.id().value(), room.via());
    double answer = seconds(begun);
    return new Joined(answer, shown.get());
  }

  private static Synced sync(Homeserver server, Session joiner, LargeRoom room) throws Exception {
    long lazyBegun = System.nanoTime();
    JsonNode unused = require(server.sync(joiner, null, Homeserver.LAZY_FILTER), room);
    double lazy = seconds(lazyBegun);
    long wholeBegun = System.nanoTime();
    JsonNode whole = require(server.sync(joiner, null), room);
    return new Synced(lazy, seconds(wholeBegun), members(whole));
  }

  private static double awaitRoom(
      Homeserver server, Session joiner, String since, LargeRoom room, long begun)
      throws Exception {
    String from = since;
    while (true) {
      JsonNode answer = server.sync(joiner, from, Homeserver.LAZY_FILTER);
      if (answer.path("rooms").path("join").has(room.id().value())) {
        return seconds(begun);
      }
      from = answer.path("next_batch").textValue();
    }
  }

  private static JsonNode require(JsonNode sync, LargeRoom room) {
    JsonNode found = sync.path("rooms").path("join").path(room.id().value());
    if (found.isMissingNode()) {
      throw new IllegalStateException("the room is not in the sync");
    }
    return found;
  }

  private static long members(JsonNode room) {
    long members = 0;
    for (String part : List.of("state", "timeline")) {
      for (JsonNode event : room.path(part).path("events")) {
        members += event.path("type").asText().equals("m.room.member") ? 1 : 0;
      }
    }
    return members;
  }

  private static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }
}
