package org.headrace.projections.rows;

import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;

/** How far the views are in a partition. */
public interface Reached {
  Position of(Topic topic, int partition);
}
