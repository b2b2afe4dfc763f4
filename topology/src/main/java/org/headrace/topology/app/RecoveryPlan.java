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
 * are lost are padded, so that no position is used twice; what a store holds of lost decisions that
 * the log does not have is taken out.
 *
 * @param from the offset at which the task must go on
 * @param rewound whether that differs from the committed one
 * @param padOrdinals for each padding command, from the end of the commands on, the ordinal of its
 *     record, or -1 if the log has its position already
 * @param keepUpTo decisions after this offset must be taken out of the store; null if none
 * @param wipeLocal whether the local store must be restored from its changelog
 */
record RecoveryPlan(
    long from,
    boolean rewound,
    List<Integer> padOrdinals,
    @Nullable Long keepUpTo,
    boolean wipeLocal) {

  /** Most positions that are padded: beyond it the data folder is not one deployment's. */
  static final long PADS_MAX = 10_000_000;

  /**
   * What was found of one partition. Offsets are those of commands; -1: none.
   *
   * @param commandsEnd the end offset of the command topic
   * @param committed the committed offset, or null
   * @param logLast the highest position in the log, NONE if it is empty
   * @param logLastIsWhole whether that record is its command's last
   * @param storeOffset the offset of the command that the changelog's progress names
   * @param storeWritten the highest command offset that the changelog holds a write of; beyond
   *     {@code storeOffset} for a command that was written in part
   * @param besideMissingFrom the first command whose companion beside the log is missing, or null
   * @param shownOffset the highest offset that a reader may have shown to clients
   */
  record Found(
      long commandsEnd,
      @Nullable Long committed,
      Position logLast,
      boolean logLastIsWhole,
      long storeOffset,
      long storeWritten,
      @Nullable Long besideMissingFrom,
      long shownOffset) {}

  static RecoveryPlan of(Found found) {
    long logOffset = found.logLast().equals(Position.NONE) ? -1 : found.logLast().offset();
    boolean whole = logOffset < 0 || found.logLastIsWhole();
    long logWholeOffset = whole ? logOffset : logOffset - 1;

    long from = logWholeOffset + 1;
    if (found.committed() != null) {
      from = Math.min(from, found.committed());
    }
    from = Math.min(from, found.storeOffset() + 1);
    if (found.besideMissingFrom() != null) {
      from = Math.min(from, found.besideMissingFrom());
    }
    from = Math.min(from, found.commandsEnd());

    long used = Math.max(Math.max(logOffset, found.storeOffset()), found.shownOffset());
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

    // Decisions are made again where their command is there, and kept where the log has them.
    long kept = Math.max(logWholeOffset, found.commandsEnd() - 1);
    Long keepUpTo = found.storeWritten() > kept ? kept : null;

    boolean rewound = found.committed() == null ? from > 0 : from != found.committed();
    return new RecoveryPlan(
        from, rewound, List.copyOf(pads), keepUpTo, rewound || !pads.isEmpty() || keepUpTo != null);
  }
}
