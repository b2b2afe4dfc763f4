package org.headrace.projections.fold;

import org.headrace.schema.log.Topic;

/** The write side of the views. One writer per partition of a family of topics at a time. */
public interface ViewWriter {
  /** Makes all changes in order; the checkpoints count only once all rows are there. */
  void write(ViewBatch batch);

  /**
   * What was written last for this partition, by whichever process; START if nothing was. Asked
   * when a projector takes a partition over.
   */
  Checkpoint checkpoint(Topic topic, int partition);

  /** The farthest that {@link #checkpoint} has ever been, also of views that were dropped since. */
  Checkpoint shown(Topic topic, int partition);

  /** Whether the views hold the body with this key on {@code room.bodies}; a body never changes. */
  boolean hasBody(String recordKey);

  /** Drops all rows and checkpoints of a family, to be folded again from its logs. */
  void drop(Topic.Family family);
}
