package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.Origins;
import org.headrace.federation.fixture.TestAuthority;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What other servers get of a burst of messages when one of them is dead; {@code
 * benchmarks/destinations} starts it. Two rooms have the same servers but for one, which in the
 * second room never answers; bursts go to either in turn.
 */
@Command(name = "destinations", mixinStandardHelpOptions = true)
public final class DestinationsCommand implements Callable<Integer> {
  private static final int SENDERS = 8;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

  @Option(names = "--url", required = true)
  private URI url = URI.create("http://127.0.0.1:8008");

  @Option(names = "--folder", required = true, description = "for authority.pem and hosts")
  private Path folder = Path.of(".");

  @Option(names = "--servers", description = "in each room [${DEFAULT-VALUE}]")
  private int servers = 100;

  @Option(names = "--messages", description = "of a burst [${DEFAULT-VALUE}]")
  private int messages = 300;

  @Option(names = "--times", description = "[${DEFAULT-VALUE}]")
  private int times = 5;

  @Option(names = "--label")
  private String label = "";

  private DestinationsCommand() {}

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(new CommandLine(new DestinationsCommand()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    TestAuthority authority = new TestAuthority("Destinations");
    Files.writeString(folder.resolve("hosts"), Origins.hosts(servers + 1));
    authority.writePem(folder.resolve("authority.pem"));
    Destinations destinations = new Destinations();
    try (Origins origins = new Origins(authority, servers + 1, destinations::handle);
        Homeserver server = new Homeserver(url)) {
      while (!server.isServing()) {
        Thread.sleep(200);
      }
      Session user =
          server.register(0, "d" + Long.toString(System.currentTimeMillis(), 36), List.of());
      ServerName tenant = new ServerName(user.userId().substring(user.userId().indexOf(':') + 1));
      List<Neighbour> shared = origins.all().subList(0, servers - 1);
      Neighbour spare = origins.all().get(servers - 1);
      Neighbour dead = origins.all().get(servers);
      String quiet = room(server, user, tenant, shared, spare);
      String troubled = room(server, user, tenant, shared, dead);
      destinations.kill(dead.name().value());
      measure(server, user, destinations, shared, quiet, troubled);
      destinations.close();
    }
    return 0;
  }

  private String room(
      Homeserver server, Session user, ServerName tenant, List<Neighbour> shared, Neighbour own)
      throws Exception {
    String room = server.createRoom(user, "Far and wide", "11");
    List<Neighbour> all = new ArrayList<>(shared);
    all.add(own);
    for (Neighbour each : all) {
      each.join(url, tenant, new RoomId(room), UserId.of("guest", each.name()));
    }
    return room;
  }

  private void measure(
      Homeserver server,
      Session user,
      Destinations destinations,
      List<Neighbour> shared,
      String quiet,
      String troubled)
      throws Exception {
    double unused = burst(server, user, destinations, shared, quiet, "warm up ");
    double unusedToo = burst(server, user, destinations, shared, troubled, "warm up too ");
    List<Double> whole = new ArrayList<>();
    List<Double> less = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int n = 0; n < times; n++) {
      double without = burst(server, user, destinations, shared, quiet, "a" + n + " ");
      double with = burst(server, user, destinations, shared, troubled, "b" + n + " ");
      System.out.printf(
          "deliveries/s to %d servers: %.0f with all alive, %.0f with one more that is dead%n",
          shared.size(), without, with);
      whole.add(without);
      less.add(with);
      ratios.add(with / without);
    }
    System.out.printf(
        "medians of %d: %.0f and %.0f deliveries/s; ratio, median: %.3f%n",
        times, Figures.median(whole), Figures.median(less), Figures.median(ratios));
    ObjectNode line = Homeserver.JSON.createObjectNode();
    line.put("mode", "destinations").put("label", label).put("servers", servers);
    line.put("messages", messages).put("aliveDeliveriesPerSecond", Figures.median(whole));
    line.put("oneDeadDeliveriesPerSecond", Figures.median(less))
        .put("ratio", Figures.median(ratios));
    System.out.println(Homeserver.JSON.writeValueAsString(line));
  }

  /** Sends at once; deliveries per second until each of the servers has all of it. */
  private double burst(
      Homeserver server,
      Session user,
      Destinations destinations,
      List<Neighbour> shared,
      String room,
      String prefix)
      throws Exception {
    long begun = System.nanoTime();
    try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
      List<Future<Void>> sent = new ArrayList<>();
      for (int n = 0; n < messages; n++) {
        String text = prefix + n;
        sent.add(senders.submit(() -> send(server, user, room, text)));
      }
      for (Future<Void> each : sent) {
        each.get();
      }
    }
    for (Neighbour each : shared) {
      while (destinations.count(each.name().value(), prefix) < messages) {
        if (System.nanoTime() - begun > PATIENCE_NANOS) {
          throw new IllegalStateException(each.name() + " has not got all of it");
        }
        Thread.sleep(5);
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    return messages * (double) shared.size() / seconds;
  }

  private static Void send(Homeserver server, Session user, String room, String text)
      throws IOException, InterruptedException {
    server.send(user, room, text.replace(' ', '-'), text);
    return null;
  }
}
