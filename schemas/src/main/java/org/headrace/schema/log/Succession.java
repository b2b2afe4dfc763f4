package org.headrace.schema.log;

/**
 * How a reader of one partition of {@code room.log} or {@code account.log} tells what it lacks:
 * positions are dense (design D2), so it takes exactly the next record. One thread.
 */
public final class Succession {
  /** What a record is, seen from those before it. */
  public enum Met {
    NEXT,
    /** Was met before: the topology decided a command again. */
    REPEAT,
    /** Records before it are missing; it is not taken, and comes again after them. */
    GAP
  }

  private Position expected;

  /** {@code reached}: the last record of the newest command that is known already. */
  public Succession(Position reached) {
    expected =
        reached.equals(Position.NONE)
            ? Position.ofOffset(0)
            : Position.of(reached.epoch(), reached.offset() + 1, 0);
  }

  /** {@code last}: whether it is the last of its command. */
  public Met accept(Position position, boolean last) {
    int order = position.compareTo(expected);
    if (order != 0) {
      return order < 0 ? Met.REPEAT : Met.GAP;
    }
    expected =
        last
            ? Position.of(expected.epoch(), expected.offset() + 1, 0)
            : expected.withOrdinal(expected.ordinal() + 1);
    return Met.NEXT;
  }

  /** The position that is next. */
  public Position expected() {
    return expected;
  }
}
