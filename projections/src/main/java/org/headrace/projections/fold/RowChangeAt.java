package org.headrace.projections.fold;

import org.headrace.schema.log.Position;

/**
 * A row change, and the position of the record that makes it: newer ones of the same row have a
 * higher one, also where the change does not tell.
 */
public record RowChangeAt(Position position, RowChange change) {}
