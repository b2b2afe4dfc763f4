package org.headrace.projections.fold;

import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;

/** The write side of the views. One writer per family of topics at a time. */
public interface ViewWriter {
  /** Makes all changes in order; the checkpoints count only once all rows are there. */
  void write(ViewBatch batch);

  /** What was written last for this partition; START if nothing was. */
  Checkpoint checkpoint(Topic topic, int partition);

  /**
   * Whether what this key of {@code room.bodies} or {@code account.items} stood for at this command, or
   * something newer, is in the views.
   */
  boolean holds(Topic topic, String recordKey, Position command);

  /** Drops all rows and checkpoints of a family, to be folded again from its logs. */
  void drop(Topic.Family family);
}
