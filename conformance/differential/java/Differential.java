package org.headrace.differential;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;

/**
 * Grows rooms from seeds and compares what Headrace and other implementations make of them.
 *
 * <pre>--rooms N --seed FIRST --versions 2,12 --threads N --out FOLDER --peer "EVERY COMMAND …" …</pre>
 *
 * A peer is asked about every so many of the rooms.
 *
 * Ends with 1 if there is a difference that no {@link KnownDifference} explains.
 */
public final class Differential {
  /** How to start a peer, and of how many rooms it is asked one. */
  private record Command(long every, List<String> words) {
    static Command parse(String text) {
      List<String> words = List.of(text.split(" "));
      return new Command(Long.parseLong(words.getFirst()), words.subList(1, words.size()));
    }
  }

  private static final int REPORTED_MAX = 20;
  private static final long PROGRESS_MILLIS = 2_000;

  private final long first;
  private final long rooms;
  private final int threads;
  private final Path out;
  private final List<RoomVersion> versions;
  private final List<Command> commands;
  private final AtomicLong next;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  // Guarded by this.
  private final SortedMap<String, Long> counts = new TreeMap<>();
  private final SortedMap<String, Long> known = new TreeMap<>();
  private final List<String> peers = new ArrayList<>();
  private long done;
  private long resolutions;
  private long conflicts;
  private long events;
  private long accepted;
  private long unexplained;

  private Differential(Map<String, String> options, List<Command> commands) {
    this.first = Long.parseLong(options.getOrDefault("--seed", "0"));
    this.rooms = Long.parseLong(options.getOrDefault("--rooms", "1000"));
    this.threads = Integer.parseInt(options.getOrDefault("--threads", "3"));
    this.out = Path.of(options.getOrDefault("--out", "differences"));
    this.versions =
        options.containsKey("--versions")
            ? Arrays.stream(options.get("--versions").split(","))
                .map(id -> RoomVersion.find(id).orElseThrow())
                .toList()
            : RoomVersion.supportedStable();
    this.commands = commands;
    this.next = new AtomicLong(first);
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      if (args[i].equals("--peer")) {
        commands.add(Command.parse(args[i + 1]));
      } else {
        options.put(args[i], args[i + 1]);
      }
    }
    System.exit(new Differential(options, commands).run());
  }

  private int run() throws Exception {
    long begun = System.currentTimeMillis();
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(Thread.ofPlatform().start(this::work));
    }
    long shown = 0;
    for (Thread worker : workers) {
      while (!worker.join(java.time.Duration.ofMillis(200))) {
        long now = System.currentTimeMillis();
        if (now - shown > PROGRESS_MILLIS) {
          shown = now;
          System.err.print("\r" + progress(now - begun) + "   ");
        }
      }
    }
    System.err.println("\r" + progress(System.currentTimeMillis() - begun) + "   ");
    if (failure.get() != null) {
      failure.get().printStackTrace();
      return 2;
    }
    System.out.print(summary(System.currentTimeMillis() - begun));
    return unexplained == 0 ? 0 : 1;
  }

  private void work() {
    try {
      List<Peer> asked = new ArrayList<>();
      for (Command command : commands) {
        asked.add(new Peer(command.words()));
      }
      synchronized (this) {
        if (peers.isEmpty()) {
          asked.forEach(peer -> peers.add(peer.name));
        }
      }
      long seed;
      while (failure.get() == null && (seed = next.getAndIncrement()) < first + rooms) {
        List<Peer> now = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
          if (seed % commands.get(i).every() == 0) {
            now.add(asked.get(i));
          }
        }
        compare(seed, now);
      }
      for (Peer peer : asked) {
        peer.close();
      }
    } catch (Throwable t) {
      failure.compareAndSet(null, t);
    }
  }

  private void compare(long seed, List<Peer> asked) throws IOException {
    try {
      Question question = Question.of(RoomGenerator.grow(seed, versions));
      byte[] line = question.line();
      for (Peer peer : asked) {
        peer.ask(line);
      }
      Answer ours = question.answer();
      for (Peer peer : asked) {
        Answer theirs = peer.answer();
        for (Difference difference : Difference.between(question, ours, theirs)) {
          met(seed, peer, difference);
        }
        count(peer.name, theirs);
      }
      count(question);
    } catch (RuntimeException e) {
      throw new IllegalStateException("seed " + seed, e);
    }
  }

  private synchronized void count(Question question) {
    done++;
    resolutions += question.forks().size();
    for (var fork : question.forks()) {
      conflicts += fork.stream().distinct().count() > 1 ? 1 : 0;
    }
    events += question.judged().size();
    for (int index : question.judged()) {
      accepted += question.room().isAccepted(index) ? 1 : 0;
    }
  }

  private synchronized void count(String peer, Answer answer) {
    long resolved = answer.resolved().stream().filter(r -> !r.equals("-")).count();
    long judged = answer.verdicts().chars().filter(c -> c != '-').count();
    counts.merge(peer + ": resolutions compared", resolved, Long::sum);
    counts.merge(peer + ": verdicts compared", judged, Long::sum);
  }

  private void met(long seed, Peer peer, Difference difference) throws IOException {
    var explanation = KnownDifference.explain(peer.name, difference);
    if (explanation.isPresent()) {
      synchronized (this) {
        known.merge(peer.name + ": " + explanation.get(), 1L, Long::sum);
      }
      return;
    }
    long number;
    synchronized (this) {
      number = ++unexplained;
    }
    if (number > REPORTED_MAX) {
      return;
    }
    Difference small = difference.minimised(peer);
    ObjectNode fixture = (ObjectNode) Json.MAPPER.readTree(small.question().line());
    fixture.put("seed", seed).put("peer", peer.name).put("what", small.what());
    fixture.put("headrace", small.ours()).put("theirs", small.theirs());
    Files.createDirectories(out);
    Path file = out.resolve(seed + "-" + peer.name.split(" ")[0] + "-" + number + ".json");
    Files.writeString(file, fixture.toPrettyString() + "\n");
    System.err.printf(
        "%nseed %d, room version %s, %s differs in %s: %s, theirs %s; see %s%n",
        seed,
        small.question().room().version.id(),
        peer.name,
        small.what(),
        small.ours(),
        small.theirs(),
        file);
  }

  private synchronized String progress(long millis) {
    double rate = done * 1000.0 / Math.max(1, millis);
    long left = rate == 0 ? 0 : (long) ((rooms - done) / rate);
    return String.format(
        "%,d of %,d rooms · %,d resolutions · %,d differences · %.0f rooms/s · %d:%02d left",
        done, rooms, resolutions, unexplained, rate, left / 60, left % 60);
  }

  private synchronized String summary(long millis) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "seeds %d to %d: %,d rooms, %,d events (%,d accepted), %,d resolutions (%,d of states"
                + " that differ), %d s%n",
            first, first + rooms - 1, done, events, accepted, resolutions, conflicts, millis / 1000));
    counts.forEach((name, count) -> text.append(String.format("  %s: %,d%n", name, count)));
    known.forEach(
        (name, count) -> text.append(String.format("  known difference, %s: %,d%n", name, count)));
    text.append(String.format("differences: %,d%n", unexplained));
    return text.toString();
  }
}
