package org.headrace.topology.app;

import java.util.ArrayList;
import java.util.List;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * What must be done to one partition before its task may start (design D3). Pure: from what was
 * found at the ends of its topics.
 *
 * <p>After a clean stop or a kill -9 nothing is to be done. After a power cut any topic may have
 * lost its end: outputs are made again by rewinding the committed offset; positions whose commands
 * are lost are padded, so that no position is used twice; what a store holds of positions that now
 * belong to padding commands is taken out, and comes back with them where the log has it.
 *
 * @param from the offset at which the task must go on
 * @param rewound whether that differs from the committed one
 * @param padOrdinals for each padding command, from the end of the commands on, the ordinal of its
 *     record, or -1 if the log has its position already
 * @param keepUpTo what commands after this offset wrote must be taken out of the store; null if
 *     nothing
 * @param rebuild whether the store must be made anew from the log, as it was before {@code from}
 */
record RecoveryPlan(
    long from,
    boolean rewound,
    List<Integer> padOrdinals,
    @Nullable Long keepUpTo,
    boolean rebuild) {

  /** Most positions that are padded: beyond it the data folder is not one deployment's. */
  static final long PADS_MAX = 10_000_000;

  /**
   * What was found of one partition. Offsets are those of commands; -1: none.
   *
   * @param commandsBegin the first offset of the command topic that is still kept
   * @param commandsEnd the end offset of the command topic
   * @param committed the committed offset, or null
   * @param logLast the highest position in the log, NONE if it is empty
   * @param logLastIsWhole whether that record is its command's last
   * @param store what the changelog says
   * @param besideMissingFrom the first command whose companion beside the log is missing, or null
   * @param shownOffset the highest offset that a reader may have shown to clients
   */
  record Found(
      long commandsBegin,
      long commandsEnd,
      @Nullable Long committed,
      Position logLast,
      boolean logLastIsWhole,
      Store store,
      @Nullable Long besideMissingFrom,
      long shownOffset) {}

  /**
   * What the changelog says of the store.
   *
   * @param progress the offset of the last command that was written completely
   * @param begun the highest offset of which anything may have been written
   * @param floor commands at or before it cannot be decided over the store; NONE: all can
   * @param paddedFrom where {@code begun}, or the last command before it, is a padding command that
   *     the store has not met: the first of these, standing without a gap; else null
   */
  record Store(long progress, long begun, Position floor, @Nullable Long paddedFrom) {}

  static RecoveryPlan of(Found found) {
    long logOffset = offset(found.logLast());
    boolean whole = logOffset < 0 || found.logLastIsWhole();
    long logWholeOffset = whole ? logOffset : logOffset - 1;
    Store store = found.store();

    // What the store holds of later positions is of commands that are lost; or is of none, if they
    // were lost earlier and their padding commands stand there by now.
    long kept =
        store.paddedFrom() == null
            ? found.commandsEnd() - 1
            : Math.min(store.paddedFrom(), found.commandsEnd()) - 1;
    boolean takeOut = store.begun() > kept;

    long from = Math.min(logWholeOffset, store.progress()) + 1;
    if (found.committed() != null) {
      from = Math.min(from, found.committed());
    }
    if (found.besideMissingFrom() != null && found.besideMissingFrom() >= found.commandsBegin()) {
      from = Math.min(from, found.besideMissingFrom());
    }
    from = Math.min(from, takeOut ? kept + 1 : found.commandsEnd());
    boolean rebuild = from < found.commandsBegin();
    from = Math.max(from, found.commandsBegin());
    rebuild |= !Position.ofOffset(from).isAfter(store.floor());

    long used = Math.max(Math.max(logOffset, store.begun()), found.shownOffset());
    if (found.committed() != null) {
      used = Math.max(used, found.committed() - 1);
    }
    if (used - found.commandsEnd() >= PADS_MAX) {
      throw new IllegalStateException(
          "positions up to "
              + used
              + " are in use, but the commands end at "
              + found.commandsEnd());
    }
    List<Integer> pads = new ArrayList<>();
    for (long offset = found.commandsEnd(); offset <= used; offset++) {
      if (offset <= logWholeOffset) {
        pads.add(-1);
      } else {
        pads.add(offset == logOffset ? found.logLast().ordinal() + 1 : 0);
      }
    }
    boolean rewound = found.committed() == null ? from > 0 : from != found.committed();
    return new RecoveryPlan(
        from, rewound, List.copyOf(pads), takeOut && !rebuild ? kept : null, rebuild);
  }

  /** Whether the local store must be restored from its changelog, whatever it holds itself. */
  boolean restoreLocal() {
    return rewound || !padOrdinals.isEmpty() || keepUpTo != null || rebuild;
  }

  static long offset(Position position) {
    return position.equals(Position.NONE) ? -1 : position.offset();
  }
}
