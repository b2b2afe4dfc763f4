package org.headrace.core.receipt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.Redaction;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptResult.Dropped;
import org.headrace.core.roomversion.RoomVersion;

/** Checks 1 to 3, which look at the event alone, and whether it can be of the room at all. */
public sealed interface ReceivedForm {
  /**
   * It goes on to the authorisation rules.
   *
   * @param redacted whether its content hash was wrong, so that this is its redacted form
   * @param authoriser what is known of the signature that authorises a restricted join
   */
  record Wellformed(Pdu pdu, boolean redacted, SignatureCheck authoriser) implements ReceivedForm {}

  /** It is as if it had never come. */
  record Malformed(Dropped dropped) implements ReceivedForm {}

  /** Checks 1 to 3. What a server says beside an event ({@code unsigned}) is not part of it. */
  static ReceivedForm of(ObjectNode received, RoomVersion version, SignatureVerifier verifier) {
    Optional<Dropped> dropped = check(received, version, verifier);
    if (dropped.isPresent()) {
      return new Malformed(dropped.get());
    }
    ObjectNode json = Json.object();
    json.setAll(received);
    json.remove("unsigned");
    // 3. Passes hash checks, otherwise it is redacted before being processed further.
    boolean redacted = !EventHashes.contentHashMatches(json, version);
    if (redacted) {
      json = Redaction.redact(json, version);
    }
    return new Wellformed(
        EventHashes.pdu(json, version), redacted, verifier.checkAuthoriser(received, version));
  }

  private static Optional<Dropped> check(
      ObjectNode received, RoomVersion version, SignatureVerifier verifier) {
    // 1. Is a valid event, otherwise it is dropped.
    Optional<String> problem = EventFormat.check(received, version);
    if (problem.isPresent()) {
      return dropped(ReceiptRule.Form.FORMAT, problem.get());
    }
    // 2. Passes signature checks, otherwise it is dropped.
    if (verifier.check(received, version) == SignatureCheck.INVALID) {
      return dropped(ReceiptRule.Form.SIGNATURES, "the event is not signed as it must be");
    }
    try {
      EventHashes.referenceHash(received, version);
    } catch (InvalidJsonException e) {
      return dropped(ReceiptRule.Form.NOT_CANONICAL, String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  /**
   * Whether the event can be one of this room.
   *
   * @param begun whether the room has its create event
   */
  static Optional<Dropped> checkPlace(RoomId room, boolean begun, Pdu pdu) {
    if (!pdu.roomId().equals(room)) {
      return dropped(ReceiptRule.Form.OTHER_ROOM, "the event is of another room");
    }
    // NOTSPEC: a room has one beginning; until version 11 the rules alone would let a second pass.
    if (begun && pdu.is("m.room.create", "")) {
      return dropped(ReceiptRule.Form.SECOND_CREATE, "the room has a create event");
    }
    boolean followsItself =
        pdu.prevEvents().contains(pdu.id()) || pdu.authEvents().contains(pdu.id());
    return followsItself
        ? dropped(ReceiptRule.Form.NAMES_ITSELF, "the event names itself")
        : Optional.empty();
  }

  private static Optional<Dropped> dropped(ReceiptRule.Form rule, String reason) {
    return Optional.of(new Dropped(rule, reason));
  }
}
