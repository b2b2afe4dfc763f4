package org.headrace.standalone.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.headrace.core.dag.DagReplay;
import org.headrace.core.dag.Explanation;
import org.headrace.core.dag.RoomDag;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.KnownKeys;
import org.headrace.core.receipt.SignatureVerifier;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.standalone.dag.DagInput;
import org.headrace.standalone.dag.DagJson;
import org.headrace.standalone.dag.DagOutcome;
import org.headrace.standalone.dag.DagText;
import org.headrace.standalone.dag.ProgressLine;
import org.headrace.standalone.dag.UnknownRoomException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code headrace dag}: replays a room from its events. Needs no server and starts none. */
@Command(
    name = "dag",
    description = {
      "Reads one room's events (PDUs, a JSON object a line, in any order), applies the room's rules"
          + " to them, and says what became of each and what the state is.",
      ""
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class DagCommand implements Callable<Integer> {
  private static final String STANDARD_INPUT = "-";

  @Parameters(paramLabel = "FILE", description = "the events; - reads standard input")
  String file = "";

  @Option(
      names = "--room-version",
      paramLabel = "V",
      description = "the room's version [what the create event says]")
  @Nullable String roomVersion;

  @Option(
      names = "--at",
      paramLabel = "EVENT_ID",
      description = "show the state before this event [at the forward extremities]")
  @Nullable String at;

  @Option(
      names = "--explain",
      arity = "2",
      paramLabel = "TYPE STATE_KEY",
      hideParamSyntax = true,
      description = "say why this entry of the state is what it is, such as m.room.topic \"\"")
  @Nullable List<String> explain;

  @Option(names = "--json", description = "print one JSON document (docs/dag.md)")
  boolean json;

  @Option(
      names = "--keys",
      paramLabel = "FILE",
      description = "servers' keys as they publish them, to check signatures (docs/dag.md)")
  @Nullable Path keys;

  @Override
  public Integer call() throws StartException, IOException {
    DagInput input = new DagInput(version(), verifier());
    Optional<EventId> event = at == null ? Optional.empty() : Optional.of(eventId(at));
    boolean terminal = ProgressLine.errorIsTerminal();
    DagReplay replay;
    RoomDag dag;
    try (ProgressLine progress = new ProgressLine(System.err, terminal, System::nanoTime)) {
      dag = read(input, progress);
      replay = input.replay(dag, progress);
    }
    if (event.isPresent() && !replay.isKnown(event.get())) {
      throw new StartException(file + " does not hold " + event.get());
    }
    Optional<Explanation> explanation = Optional.empty();
    if (explain != null) {
      if (explain.size() != 2) {
        throw new StartException("--explain names one entry: TYPE STATE_KEY");
      }
      StateKey key = new StateKey(explain.getFirst(), explain.getLast());
      explanation =
          Optional.of(
              event.map(id -> replay.explainBefore(id, key)).orElseGet(() -> replay.explain(key)));
    }
    print(new DagOutcome(input, dag, replay, event, explanation));
    return 0;
  }

  private RoomDag read(DagInput input, ProgressLine progress) throws StartException, IOException {
    try (InputStream in = open()) {
      long bytes = file.equals(STANDARD_INPUT) ? 0 : Files.size(Path.of(file));
      return input.read(in, bytes, progress);
    } catch (UnknownRoomException e) {
      throw new StartException(file + ": " + e.getMessage());
    }
  }

  private InputStream open() throws StartException, IOException {
    if (file.equals(STANDARD_INPUT)) {
      return System.in;
    }
    if (!Files.isReadable(Path.of(file)) || Files.isDirectory(Path.of(file))) {
      throw new StartException(file + " is not a file that can be read");
    }
    return Files.newInputStream(Path.of(file));
  }

  private Optional<RoomVersion> version() throws StartException {
    if (roomVersion == null) {
      return Optional.empty();
    }
    Optional<RoomVersion> version = RoomVersion.find(roomVersion);
    if (version.isEmpty()) {
      throw new StartException("room version " + roomVersion + " is not known");
    }
    return version;
  }

  private SignatureVerifier verifier() throws StartException {
    if (keys == null) {
      return SignatureVerifier.NO_KEYS;
    }
    KnownKeys known = new KnownKeys();
    try {
      for (String document : documents(Files.readString(keys))) {
        known.add(Json.parse(document.getBytes(StandardCharsets.UTF_8)));
      }
    } catch (InvalidJsonException e) {
      throw new StartException(keys + ": " + e.getMessage());
    } catch (IOException e) {
      throw new StartException(keys + " is not a file that can be read as text");
    }
    return known;
  }

  /** One JSON document, or one a line. */
  private static List<String> documents(String text) {
    List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
    boolean each = lines.stream().allMatch(line -> line.startsWith("{") && line.endsWith("}"));
    return each ? lines : List.of(text);
  }

  private static EventId eventId(String value) throws StartException {
    try {
      return new EventId(value);
    } catch (InvalidIdException e) {
      throw new StartException("--at: " + e.getMessage());
    }
  }

  private void print(DagOutcome outcome) {
    PrintStream out = System.out;
    if (json) {
      out.writeBytes(Json.bytes(new DagJson(outcome).document()));
      out.println();
    } else {
      new DagText(outcome, out).print();
    }
    out.flush();
  }
}
