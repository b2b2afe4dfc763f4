package org.headrace.benchmarks.load;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.headrace.core.id.ServerName;
import org.headrace.federation.fixture.Origins;
import org.headrace.federation.fixture.TestAuthority;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Sends in honest rooms, quiet and under attack in turn; {@code benchmarks/attack} starts it. First
 * it writes {@code authority.pem} and {@code hosts} for the server, then it waits for that.
 */
@Command(name = "attack", mixinStandardHelpOptions = true)
public final class AttackCommand implements Callable<Integer> {
  @Option(names = "--url", required = true)
  private URI url = URI.create("http://127.0.0.1:8008");

  @Option(names = "--folder", required = true, description = "for authority.pem and hosts")
  private Path folder = Path.of(".");

  @Option(names = "--attack-rate", description = "transactions/s [${DEFAULT-VALUE}]")
  private double attackRate = 5;

  @Option(names = "--rate", description = "messages/s [${DEFAULT-VALUE}]")
  private double rate = 20;

  @Option(names = "--seconds", description = "of each run [${DEFAULT-VALUE}]")
  private int seconds = 30;

  @Option(names = "--warm-up", description = "seconds before each [${DEFAULT-VALUE}]")
  private int warmUp = 5;

  @Option(
      names = "--first",
      description =
          "seconds of a first attack that is not counted: until what only an attack calls is"
              + " compiled, the compiler takes half a core [${DEFAULT-VALUE}]")
  private int first = 120;

  @Option(names = "--times", description = "[${DEFAULT-VALUE}]")
  private int times = 5;

  @Option(names = "--label")
  private String label = "";

  private AttackCommand() {}

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(new CommandLine(new AttackCommand()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    TestAuthority authority = new TestAuthority("Attack");
    Files.writeString(folder.resolve("hosts"), Origins.hosts(Attack.ORIGINS));
    authority.writePem(folder.resolve("authority.pem"));
    try (Origins origins = new Origins(authority, Attack.ORIGINS, Attack::refuse);
        Homeserver server = new Homeserver(url)) {
      awaitServer(server);
      String run = Long.toString(System.currentTimeMillis(), 36);
      Population population = Population.create(server, "honest-" + run + "-", 100, 20, 2);
      Session victim = population.users().getFirst();
      List<String> attacked = new ArrayList<>();
      for (int n = 0; n < Attack.ROOMS; n++) {
        attacked.add(server.createRoom(victim, "Attacked " + n, "11"));
      }
      String name = victim.userId().substring(victim.userId().indexOf(':') + 1);
      return measure(server, population, origins, new ServerName(name), attacked, run);
    }
  }

  private int measure(
      Homeserver server,
      Population population,
      Origins origins,
      ServerName tenant,
      List<String> attacked,
      String run)
      throws Exception {
    List<Double> quiet = new ArrayList<>();
    List<Double> loud = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    try (OpenLoop loop = new OpenLoop(server, population, run, 1, OpenLoop.DRAIN)) {
      loop.start();
      loop.run(Arrivals.Kind.POISSON, rate, 0, seconds); // Warms both sides up.
      try (Attack joined = new Attack(url, tenant, origins)) {
        joined.join(attacked);
        System.out.println(Figures.header());
        attacked(loop, joined, first);
        for (int n = 0; n < times; n++) {
          Figures before = loop.run(Arrivals.Kind.POISSON, rate, warmUp, seconds);
          System.out.println(before.row() + "  quiet");
          Figures during = attacked(loop, joined, seconds);
          quiet.add(before.put().p99());
          loud.add(during.put().p99());
          ratios.add(during.put().p99() / before.put().p99());
          if (!before.complete() || !during.complete()) {
            System.out.println("something was lost or refused: the figures do not count");
          }
        }
      }
    }
    System.out.printf(
        "PUT p99 in other rooms: quiet %.1f ms, at %.0f transactions/s of %d PDUs %.1f ms"
            + " (medians of %d); ratio, median: %.2f%n",
        Figures.median(quiet),
        attackRate,
        Attack.PDUS,
        Figures.median(loud),
        times,
        Figures.median(ratios));
    ObjectNode line = Homeserver.JSON.createObjectNode();
    line.put("mode", "attack").put("label", label).put("attackTransactionsPerSecond", attackRate);
    line.put("pdusPerTransaction", Attack.PDUS).put("origins", Attack.ORIGINS).put("rate", rate);
    line.put("quietP99Millis", Figures.median(quiet))
        .put("attackedP99Millis", Figures.median(loud));
    line.put("ratio", Figures.median(ratios));
    System.out.println(Homeserver.JSON.writeValueAsString(line));
    return 0;
  }

  private Figures attacked(OpenLoop loop, Attack joined, int length) throws InterruptedException {
    try (Attack attack = joined.again()) {
      attack.start(attackRate, warmUp + length);
      Figures figures = loop.run(Arrivals.Kind.POISSON, rate, warmUp, length);
      System.out.println(figures.row() + "  attacked, answers " + attack.answers());
      return figures;
    }
  }

  private static void awaitServer(Homeserver server) throws InterruptedException {
    while (!server.isServing()) {
      Thread.sleep(200);
    }
  }
}
