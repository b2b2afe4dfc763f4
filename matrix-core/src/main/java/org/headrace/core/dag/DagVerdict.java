package org.headrace.core.dag;

import java.util.Optional;
import org.headrace.core.receipt.ReceiptResult;
import org.headrace.core.receipt.ReceiptRule;

/**
 * What a replay makes of an event.
 *
 * @param result what the checks on receipt say
 * @param undecided whether the checks refused the event but auth events of it are missing, so that
 *     they might have said otherwise; it then changes no state
 * @param wholeHistory whether all that lies before it was there, so that the state before it is
 *     right and not only what can be known
 */
public record DagVerdict(ReceiptResult result, boolean undecided, boolean wholeHistory) {
  public boolean isAccepted() {
    return result instanceof ReceiptResult.Accepted;
  }

  /** Kept and part of state, but not shown. */
  public boolean isSoftFailed() {
    return result instanceof ReceiptResult.SoftFailed;
  }

  /** Refused for sure. */
  public boolean isRejected() {
    return !undecided && result.isRejected();
  }

  /** Whether it takes part in state. */
  boolean changesState() {
    return isAccepted() || isSoftFailed();
  }

  /** What refused it. */
  public Optional<ReceiptRule> rule() {
    return switch (result) {
      case ReceiptResult.Accepted accepted -> Optional.empty();
      case ReceiptResult.SoftFailed failed -> Optional.of(failed.rule());
      case ReceiptResult.Rejected rejected -> Optional.of(rejected.rule());
      case ReceiptResult.Dropped dropped -> Optional.of(dropped.rule());
    };
  }

  /** The same in words; empty for an accepted event. */
  public String reason() {
    return switch (result) {
      case ReceiptResult.Accepted accepted -> "";
      case ReceiptResult.SoftFailed failed -> failed.reason();
      case ReceiptResult.Rejected rejected -> rejected.reason();
      case ReceiptResult.Dropped dropped -> dropped.reason();
    };
  }
}
