package org.headrace.projections.cassandra;

import org.headrace.projections.view.AccountsViewContract;
import org.headrace.projections.view.OpenViews;

class CassandraAccountsViewIT extends AccountsViewContract {
  @Override
  protected OpenViews open() {
    return CassandraUnderTest.emptyViews();
  }

  @Override
  protected void close() {}
}
