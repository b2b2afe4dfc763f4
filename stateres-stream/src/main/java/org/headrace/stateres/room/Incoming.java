package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.RoomId;
import org.headrace.core.receipt.ReceiptResult.Dropped;
import org.headrace.core.receipt.ReceivedForm;
import org.headrace.core.receipt.SignatureCheck;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.record.Failure;

/** A received event after checks 1 to 3 ("Checks performed on receipt of a PDU"). */
sealed interface Incoming {
  /** The event in the form in which it is used: redacted if its content was changed. */
  record Taken(Pdu pdu) implements Incoming {}

  /** It is as if it had never come. */
  record Refused(Refusal refusal) implements Incoming {}

  /**
   * The checks, for an event of this room.
   *
   * @param signaturesValid as found where the event came in
   */
  static Incoming of(ObjectNode json, boolean signaturesValid, RoomVersion version, RoomId room) {
    boolean isSigned = signaturesValid && !json.path("signatures").isEmpty();
    SignatureCheck signatures = isSigned ? SignatureCheck.VALID : SignatureCheck.INVALID;
    return switch (ReceivedForm.of(json, version, (event, rules) -> signatures)) {
      case ReceivedForm.Malformed malformed -> new Refused(refusal(malformed.dropped()));
      case ReceivedForm.Wellformed wellformed ->
          // Whether it may be the room's beginning is not for its form to say.
          ReceivedForm.checkPlace(room, false, wellformed.pdu())
              .<Incoming>map(dropped -> new Refused(refusal(dropped)))
              .orElseGet(() -> new Taken(wellformed.pdu()));
    };
  }

  /** The event, if it is none that is refused. */
  default Optional<Pdu> taken() {
    return this instanceof Taken taken ? Optional.of(taken.pdu()) : Optional.empty();
  }

  private static Refusal refusal(Dropped dropped) {
    return switch (dropped.rule()) {
      case FORMAT -> Drafting.malformed(dropped.reason());
      case SIGNATURES, SECOND_CREATE -> new Refusal(Failure.FORBIDDEN, dropped.reason());
      case NOT_CANONICAL, OTHER_ROOM, NAMES_ITSELF ->
          new Refusal(Failure.BAD_JSON, dropped.reason());
    };
  }
}
