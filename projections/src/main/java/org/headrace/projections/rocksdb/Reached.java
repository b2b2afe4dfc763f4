package org.headrace.projections.rocksdb;

import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;

/** How far the views are in a partition. */
interface Reached {
  Position of(Topic topic, int partition);
}
