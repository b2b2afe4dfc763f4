package org.headrace.projections.cassandra;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.headrace.core.id.RoomId;

/**
 * What a room gathers without end lies in buckets, each a partition of its own; which buckets have
 * rows is in a table beside them, so that a quiet room's reads skip the empty ones.
 */
enum Buckets {
  TIMELINE,
  TIME,
  STATE,
  DEVICE;

  /** 2^14 commands, each with 2^11 positions. */
  private static final int POSITION_BITS = 25;

  /** Places below zero are dense. */
  private static final int BACKFILLED_BITS = 14;

  private static final int TIME_BITS = 27;

  private static final String ASCENDING =
      "SELECT bucket FROM bucket WHERE room = ? AND kind = ? AND bucket >= ? AND bucket <= ?";
  private static final String DESCENDING = ASCENDING + " ORDER BY bucket DESC";

  /** Says that a bucket has rows. */
  static final Put INDEX = new Put("bucket", 2, 3, "room", "kind", "bucket");

  /** The bucket of a place, a position or, for {@link #TIME}, a time; grows with it. */
  long of(long value) {
    if (this == TIME) {
      return value >> TIME_BITS;
    }
    return value < 0 ? value >> BACKFILLED_BITS : value >> POSITION_BITS;
  }

  String kind() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads one bucket: at most so many rows that the reader wants of it. */
  interface Reader<T> {
    List<T> read(long bucket, int limit);
  }

  /** Reads the buckets that hold {@code from <= value <= to} in order, until there is enough. */
  <T> List<T> read(
      Cql cql, RoomId room, long from, long to, int limit, boolean isBackwards, Reader<T> reader) {
    List<T> found = new ArrayList<>();
    if (from > to) {
      return found;
    }
    for (var row :
        cql.rows(isBackwards ? DESCENDING : ASCENDING, room.value(), kind(), of(from), of(to))) {
      found.addAll(reader.read(row.getLong(0), limit - found.size()));
      if (found.size() >= limit) {
        break;
      }
    }
    return found;
  }
}
