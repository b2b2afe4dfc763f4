package org.headrace.projections.fold;

import org.headrace.schema.log.Position;

/**
 * How far the views are in one partition of one topic, written together with the rows.
 *
 * @param reached the newest position that is in completely; NONE before the first
 * @param nextOffset the offset to read on from
 * @param lastChecksum CRC-32C of key and value of the record before {@code nextOffset}: if the
 *     topic has another record there, it was cut and has grown again
 */
public record Checkpoint(Position reached, long nextOffset, int lastChecksum) {
  public static final Checkpoint START = new Checkpoint(Position.NONE, 0, 0);
}
