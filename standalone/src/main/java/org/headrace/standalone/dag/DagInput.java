package org.headrace.standalone.dag;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.dag.DagReplay;
import org.headrace.core.dag.RoomDag;
import org.headrace.core.id.EventId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptRule;
import org.headrace.core.receipt.SignatureCheck;
import org.headrace.core.receipt.SignatureVerifier;
import org.headrace.core.roomversion.RoomVersion;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of events, a JSON object a line. Lines are kept aside until one says which room it
 * is and of what version; that is the create event, wherever it stands.
 */
public final class DagInput {
  /** A line that is no event. */
  public record BadLine(long line, String problem) {}

  /** A line whose event cannot be one of the room. */
  public record DroppedLine(long line, ReceiptRule.Form rule, String reason) {}

  /** A line whose {@code event_id} is not the id that follows from the event. */
  public record OtherId(long line, EventId claimed, EventId computed) {}

  /** A line that was read before it was known what room it is of. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Aside(long number, byte[] bytes) {}

  private final Optional<RoomVersion> given;
  private final SignatureVerifier verifier;
  private final List<Aside> aside = new ArrayList<>();
  private final Verifying verifying = new Verifying();
  private SignatureCheck lastCheck = SignatureCheck.UNCHECKED;
  private @Nullable RoomDag dag;

  final List<BadLine> badLines = new ArrayList<>();
  final List<DroppedLine> dropped = new ArrayList<>();
  final List<OtherId> otherIds = new ArrayList<>();

  /** Events whose content hash was wrong, with their lines. */
  final SortedMap<EventId, Long> wrongHashes = new TreeMap<>();

  /** Lines that repeat an event, and those of them that say something else. */
  long repeated;

  final List<BadLine> differing = new ArrayList<>();

  /**
   * Events whose signatures are right, could not be checked, or are wrong; the last are dropped.
   */
  long verified;

  long unchecked;
  long invalid;
  long taken;

  /**
   * An input.
   *
   * @param given the room's version, where the create event is not to say it
   */
  public DagInput(Optional<RoomVersion> given, SignatureVerifier verifier) {
    this.given = given;
    this.verifier = verifier;
  }

  /**
   * Reads to the end.
   *
   * @param bytes how many bytes there are; 0 if that is not known
   * @throws UnknownRoomException if nothing says what room version the events have
   */
  public RoomDag read(InputStream in, long bytes, ProgressLine progress)
      throws IOException, UnknownRoomException {
    LineReader lines = new LineReader(in);
    progress.begin("reading  ");
    for (LineReader.Line line = lines.next(); line != null; line = lines.next()) {
      read(line);
      progress.at(lines.bytesRead(), bytes, line.number() + " lines");
    }
    if (dag == null) {
      throw new UnknownRoomException(
          given.isPresent()
              ? "there is no event in it"
              : "there is no create event in it that says the room's version: use --room-version"
                  + badLines.stream().findFirst().map(DagInput::told).orElse(""));
    }
    return dag;
  }

  /** Decides all that was read. */
  public DagReplay replay(RoomDag read, ProgressLine progress) {
    progress.begin("deciding ");
    return read.replay(decided -> progress.at(decided, taken, decided + " events"));
  }

  private static String told(BadLine bad) {
    return " (line " + bad.line() + ": " + bad.problem() + ")";
  }

  private void read(LineReader.Line line) {
    byte[] bytes = line.bytes();
    if (bytes == null) {
      badLines.add(
          new BadLine(line.number(), "longer than " + LineReader.LINE_BYTES_MAX + " bytes"));
      return;
    }
    if (isBlank(bytes)) {
      return;
    }
    ObjectNode json;
    try {
      json = Json.parseObject(bytes);
    } catch (InvalidJsonException e) {
      badLines.add(new BadLine(line.number(), String.valueOf(e.getMessage())));
      return;
    }
    if (dag != null) {
      add(dag, line.number(), json);
      return;
    }
    if (given.isEmpty() && isCreate(json) && RoomVersion.find(versionOf(json)).isEmpty()) {
      badLines.add(new BadLine(line.number(), "room version " + versionOf(json) + " is not known"));
      return;
    }
    dag = begin(json);
    if (dag == null) {
      aside.add(new Aside(line.number(), bytes));
      return;
    }
    for (Aside earlier : aside) {
      add(dag, earlier.number(), Json.parseObject(earlier.bytes()));
    }
    aside.clear();
    add(dag, line.number(), json);
  }

  private static boolean isCreate(ObjectNode json) {
    return json.path("type").asText().equals("m.room.create")
        && json.path("state_key").asText("?").isEmpty();
  }

  private static String versionOf(ObjectNode create) {
    return create.path("content").path("room_version").asText("1");
  }

  /** The room that this event shows; null if it shows none. */
  private @Nullable RoomDag begin(ObjectNode json) {
    Optional<RoomVersion> version =
        given.isPresent() || !isCreate(json) ? given : RoomVersion.find(versionOf(json));
    return version
        .flatMap(rules -> RoomDag.roomOf(json, rules).map(id -> new RoomDag(rules, id)))
        .orElse(null);
  }

  private void add(RoomDag to, long line, ObjectNode json) {
    switch (to.add(json, verifying)) {
      case RoomDag.Added.Taken event -> {
        taken++;
        verified += lastCheck == SignatureCheck.VALID ? 1 : 0;
        unchecked += lastCheck == SignatureCheck.UNCHECKED ? 1 : 0;
        if (event.redacted()) {
          wrongHashes.put(event.id(), line);
        }
        event.computed().ifPresent(id -> otherIds.add(new OtherId(line, event.id(), id)));
      }
      case RoomDag.Added.Repeated event -> {
        repeated++;
        if (event.differs()) {
          differing.add(new BadLine(line, "says something else of " + event.id()));
        }
      }
      case RoomDag.Added.Refused refused ->
          dropped.add(new DroppedLine(line, refused.dropped().rule(), refused.dropped().reason()));
    }
  }

  /** The verifier, with an ear to what it says. */
  private final class Verifying implements SignatureVerifier {
    @Override
    public SignatureCheck check(ObjectNode pdu, RoomVersion version) {
      lastCheck = verifier.check(pdu, version);
      invalid += lastCheck == SignatureCheck.INVALID ? 1 : 0;
      return lastCheck;
    }

    @Override
    public SignatureCheck checkAuthoriser(ObjectNode pdu, RoomVersion version) {
      SignatureCheck authoriser = verifier.checkAuthoriser(pdu, version);
      if (authoriser == SignatureCheck.UNCHECKED) {
        lastCheck = authoriser;
      }
      return authoriser;
    }
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}
