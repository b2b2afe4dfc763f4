package org.headrace.projections.rocksdb;

import org.headrace.projections.view.AccountsViewContract;
import org.headrace.projections.view.OpenViews;

class RocksAccountsViewTest extends AccountsViewContract {
  private OpenRocksViews opened;

  @Override
  protected OpenViews open() throws Exception {
    opened = new OpenRocksViews();
    return opened.views();
  }

  @Override
  protected void close() throws Exception {
    opened.close();
  }
}
