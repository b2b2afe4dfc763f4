package org.headrace.projections.cassandra;

import org.headrace.projections.view.EphemeralViewContract;
import org.headrace.projections.view.OpenViews;

class CassandraEphemeralViewIT extends EphemeralViewContract {
  @Override
  protected OpenViews open() {
    return CassandraUnderTest.emptyViews();
  }

  @Override
  protected void close() {}
}
