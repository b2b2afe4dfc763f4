package org.headrace.sender.delivery;

import java.util.List;
import java.util.Optional;
import org.headrace.schema.federation.QueueKey;
import org.headrace.sender.queue.QueuedEntry;

/** Makes transactions of what is queued. */
public interface Assembly {
  /**
   * The transaction that holds these, oldest first; empty if nothing of them is left to send. Waits
   * a little for views that are behind; throws {@link ViewsBehindException}.
   */
  Optional<Transaction> assemble(QueueKey queue, List<QueuedEntry> entries)
      throws InterruptedException;

  /** The views do not hold an event yet. */
  final class ViewsBehindException extends RuntimeException {}
}
