package org.headrace.projections.cassandra;

import org.headrace.projections.view.OpenViews;
import org.headrace.projections.view.RoomsViewContract;

class CassandraRoomsViewIT extends RoomsViewContract {
  @Override
  protected OpenViews open() {
    return CassandraUnderTest.emptyViews();
  }

  @Override
  protected void close() {}
}
