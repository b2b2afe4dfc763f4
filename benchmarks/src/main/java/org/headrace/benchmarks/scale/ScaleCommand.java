package org.headrace.benchmarks.scale;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How many events a second 1 to 64 owners of partitions carry, simulated from what an event costs;
 * {@code benchmarks/scale simulate} starts it.
 */
@Command(name = "simulate", mixinStandardHelpOptions = true, sortOptions = false)
public final class ScaleCommand implements Callable<Integer> {
  private static final double MILLIS_PER_SECOND = 1_000;
  private static final String HEADER =
      "owners   highest/s efficiency  p99 at 70 %  busiest has | cores of: rest  broker Cassandra";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(names = "--rooms-ms", required = true, description = "CPU of rooms, an event")
  private double roomsMillis;

  @Option(names = "--projector-ms", required = true, description = "CPU of a projector, an event")
  private double projectorMillis;

  @Option(names = "--write-ms", description = "a projector's wait for its views, a batch [5]")
  private double writeMillis = 5;

  @Option(names = "--commit-ms", description = "a rooms process's commit, each second [10]")
  private double commitMillis = 10;

  @Option(names = "--rest-ms", description = "CPU of ingest, accounts and api, an event [0]")
  private double restMillis;

  @Option(
      names = "--listener-ms",
      description = "of that, for reading everybody's ticks: each such process does [0]")
  private double listenerMillis;

  @Option(names = "--broker-ms", description = "CPU of the broker, an event [0]")
  private double brokerMillis;

  @Option(names = "--cassandra-ms", description = "CPU of Cassandra, an event [0]")
  private double cassandraMillis;

  @Option(names = "--owners", split = ",", description = "of each stage [1,2,4,8,16,32,64]")
  private List<Integer> owners = List.of(1, 2, 4, 8, 16, 32, 64);

  @Option(names = "--partitions", description = "of rooms [${DEFAULT-VALUE}]")
  private int partitions = 256;

  @Option(names = "--rooms", description = "[${DEFAULT-VALUE}]")
  private int rooms = 100_000;

  @Option(names = "--zipf", split = ",", description = "exponents; 0: all alike [0,0.8,1]")
  private List<Double> exponents = List.of(0.0, 0.8, 1.0);

  @Option(names = "--bound", description = "of the delay's p99, ms [${DEFAULT-VALUE}]")
  private double bound = 500;

  @Option(names = "--seconds", description = "simulated, after a quarter more [${DEFAULT-VALUE}]")
  private double seconds = 60;

  @Option(names = "--seed", description = "[${DEFAULT-VALUE}]")
  private long seed = 1;

  @Option(names = "--label", description = "where the costs are from, for the result")
  private String label = "";

  private ScaleCommand() {}

  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    System.exit(new CommandLine(new ScaleCommand()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Costs costs = new Costs(roomsMillis, projectorMillis, writeMillis, commitMillis);
    System.out.printf(
        "simulated: %,d rooms in %d partitions, k rooms and k projector processes of a core each;"
            + " ms an event: rooms %.2f, projector %.2f, exponentially"
            + " distributed; %.0f ms a write of views, %.0f ms a commit each second%n",
        rooms, partitions, roomsMillis, projectorMillis, writeMillis, commitMillis);
    for (double exponent : exponents) {
      Traffic traffic = Traffic.of(rooms, exponent, partitions, seed);
      List<Capacity> capacities = capacities(traffic, costs);
      print(traffic, costs, capacities);
      System.out.println(json(traffic, capacities));
    }
    return 0;
  }

  private List<Capacity> capacities(Traffic traffic, Costs costs) {
    List<Capacity> capacities = new ArrayList<>();
    for (int k : owners) {
      capacities.add(Capacity.of(new Pipeline(traffic, costs, k, seed), bound, seconds));
    }
    return capacities;
  }

  private void print(Traffic traffic, Costs costs, List<Capacity> capacities) {
    System.out.printf(
        "%n%s: the hottest room has %.3f %% of all events, the hottest partition %.2f %%%n",
        traffic.exponent() == 0 ? "all rooms alike" : "Zipf, exponent " + traffic.exponent(),
        100 * traffic.hottestRoom(),
        100 * traffic.hottestPartition());
    System.out.println(HEADER);
    double one = capacities.getFirst().highest() / capacities.getFirst().owners();
    for (Capacity capacity : capacities) {
      double rate = capacity.highest();
      System.out.printf(
          "%6d %11.0f %8.0f %% %9.1f ms %10.2f × | %14s %7.1f %9.1f%n",
          capacity.owners(),
          rate,
          100 * rate / (one * capacity.owners()),
          capacity.usualP99(),
          capacity.busiest(),
          listeners(rate),
          rate * brokerMillis / MILLIS_PER_SECOND,
          rate * cassandraMillis / MILLIS_PER_SECOND);
    }
    double ofOne = MILLIS_PER_SECOND / costs.bottleneck();
    System.out.printf(
        "a room, and a partition, gets %.0f/s at most, however many owners there are: the hottest"
            + " room bounds all to %,.0f/s, the hottest partition to %,.0f/s%n",
        ofOne, ofOne / traffic.hottestRoom(), ofOne / traffic.hottestPartition());
  }

  /**
   * Processes of a core that take and answer requests. Each reads all ticks, so that of the core of
   * each less is left the more there is in all, and from some rate on nothing.
   */
  private String listeners(double rate) {
    double left = MILLIS_PER_SECOND - rate * listenerMillis;
    return left <= 0
        ? "no number"
        : String.format("%.1f", rate * (restMillis - listenerMillis) / left);
  }

  private String json(Traffic traffic, List<Capacity> capacities) throws Exception {
    ObjectNode line = JSON.createObjectNode();
    line.put("mode", "scale-simulated").put("label", label).put("seed", seed);
    line.put("rooms", rooms).put("partitions", partitions).put("zipf", traffic.exponent());
    line.put("roomsMillis", roomsMillis).put("projectorMillis", projectorMillis);
    line.put("writeMillis", writeMillis).put("commitMillis", commitMillis);
    ArrayNode steps = line.putArray("owners");
    for (Capacity capacity : capacities) {
      ObjectNode step = steps.addObject().put("owners", capacity.owners());
      step.put("highestPerSecond", Math.round(capacity.highest()));
      step.put("p99MillisAt70Percent", capacity.usualP99());
    }
    return JSON.writeValueAsString(line);
  }
}
