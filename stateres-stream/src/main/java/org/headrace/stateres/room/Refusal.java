package org.headrace.stateres.room;

import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;

/** Why a command is refused, in words that a client may see. */
record Refusal(Failure failure, String message) {
  Outcome outcome() {
    return new Outcome.Failed(failure, message);
  }
}
