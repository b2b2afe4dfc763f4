package org.headrace.projections.cassandra;

import org.headrace.projections.view.OpenViews;
import org.headrace.projections.view.StateViewContract;

class CassandraStateViewIT extends StateViewContract {
  @Override
  protected OpenViews open() {
    return CassandraUnderTest.emptyViews();
  }

  @Override
  protected void close() {}
}
