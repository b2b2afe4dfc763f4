package org.headrace.stateres.room;

import org.headrace.core.event.Pdu;
import org.headrace.schema.record.RoomRecord.SentBy;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * An event that is about to be recorded.
 *
 * @param pdu the whole event; its redacted form if its content hash was wrong
 * @param rule what refused it, or null
 * @param before root of the state before it
 */
record Candidate(
    Pdu pdu, Verdict verdict, @Nullable String rule, String before, @Nullable SentBy sentBy) {}
