package org.headrace.stateres.room;

import org.headrace.core.event.Pdu;
import org.headrace.core.id.ServerName;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord.SentBy;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * An event that is about to be recorded.
 *
 * @param pdu the whole event; its redacted form if its content hash was wrong; its skeleton if its
 *     body is beside the log already
 * @param rule what refused it, or null
 * @param before root of the state before it
 * @param relayAs the tenant that brings it to the room's other servers though it was not made here
 * @param bodySince of the record that its body came with; null if none has brought it
 */
record Candidate(
    Pdu pdu,
    Verdict verdict,
    @Nullable String rule,
    String before,
    @Nullable SentBy sentBy,
    @Nullable ServerName relayAs,
    @Nullable Position bodySince) {

  static Candidate accepted(Pdu pdu, String before) {
    return new Candidate(pdu, Verdict.ACCEPTED, null, before, null, null, null);
  }

  static Candidate refused(Pdu pdu, Verdict verdict, String rule, String before) {
    return new Candidate(pdu, verdict, rule, before, null, null, null);
  }

  Candidate sentBy(@Nullable SentBy by) {
    return new Candidate(pdu, verdict, rule, before, by, relayAs, bodySince);
  }

  Candidate relayAs(@Nullable ServerName tenant) {
    return new Candidate(pdu, verdict, rule, before, sentBy, tenant, bodySince);
  }

  Candidate bodySince(@Nullable Position since) {
    return new Candidate(pdu, verdict, rule, before, sentBy, relayAs, since);
  }

  Candidate softFailed(String by) {
    return new Candidate(pdu, Verdict.SOFT_FAILED, by, before, sentBy, relayAs, bodySince);
  }
}
