package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.signatures.PduSignatures;
import org.headrace.federation.signatures.PduSignatures.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * The checks on a received PDU that need no state (server-server API, "Checks performed on receipt
 * of a PDU", 1 and 2): its form, its room, its signatures. The rest is the room's.
 */
@ApplicationScoped
public class PduChecks {
  @Inject PduSignatures signatures;

  /** What a check found. */
  public sealed interface Result {
    /** The event may be given to the room. */
    record Valid(Pdu pdu) implements Result {}

    /**
     * It is dropped.
     *
     * @param id null if it has none that can be told
     */
    record Invalid(@Nullable EventId id, String problem) implements Result {}
  }

  /** Checks the form and the room; signatures are left out. */
  public static Result form(ObjectNode json, RoomVersion version, RoomId room) {
    Optional<String> problem = EventFormat.check(json, version);
    if (problem.isPresent()) {
      return new Result.Invalid(claimedId(json, version), problem.get());
    }
    try {
      Pdu pdu = EventHashes.pdu(json, version);
      return pdu.roomId().equals(room)
          ? new Result.Valid(pdu)
          : new Result.Invalid(pdu.id(), "the event is of another room");
    } catch (InvalidJsonException | InvalidIdException e) {
      return new Result.Invalid(null, "the event is not valid: " + e.getMessage());
    }
  }

  /** Checks form, room and signatures; may ask other servers for their keys, each once. */
  public List<Result> checkAll(List<ObjectNode> events, RoomVersion version, RoomId room) {
    return signedAll(events.stream().map(event -> form(event, version, room)).toList(), version);
  }

  /** The signatures of those whose form is valid; results in their order. */
  public List<Result> signedAll(List<Result> formed, RoomVersion version) {
    List<ObjectNode> valid = new ArrayList<>();
    for (Result result : formed) {
      if (result instanceof Result.Valid(Pdu pdu)) {
        valid.add(pdu.json());
      }
    }
    Iterator<Verdict> verdicts = signatures.verifyAll(valid, version).iterator();
    return formed.stream()
        .map(
            result ->
                result instanceof Result.Valid(Pdu pdu) && verdicts.next() != Verdict.VALID
                    ? unsigned(pdu)
                    : result)
        .toList();
  }

  /** The valid ones among these, by id, in their order. */
  public Map<EventId, Pdu> validOf(
      Iterable<? extends JsonNode> events, RoomVersion version, RoomId room) {
    List<ObjectNode> objects = new ArrayList<>();
    for (JsonNode event : events) {
      if (event instanceof ObjectNode object) {
        objects.add(object);
      }
    }
    Map<EventId, Pdu> valid = new LinkedHashMap<>();
    for (Result result : checkAll(objects, version, room)) {
      if (result instanceof Result.Valid(Pdu pdu)) {
        valid.putIfAbsent(pdu.id(), pdu);
      }
    }
    return valid;
  }

  /** The signatures of an event of valid form. */
  public Result signed(Result.Valid valid, RoomVersion version) {
    return signatures.verify(valid.pdu().json(), version) == Verdict.VALID
        ? valid
        : unsigned(valid.pdu());
  }

  private static Result unsigned(Pdu pdu) {
    return new Result.Invalid(pdu.id(), "the event is not signed as it must be");
  }

  /** The id of an event of bad form, as far as it has one that can be named to its sender. */
  public static @Nullable EventId claimedId(ObjectNode json, RoomVersion version) {
    try {
      return EventHashes.eventId(json, version);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
