package org.headrace.projections.cassandra;

import org.headrace.projections.view.OpenViews;
import org.headrace.projections.view.TimelineViewContract;

class CassandraTimelineViewIT extends TimelineViewContract {
  @Override
  protected OpenViews open() {
    return CassandraUnderTest.emptyViews();
  }

  @Override
  protected void close() {}
}
