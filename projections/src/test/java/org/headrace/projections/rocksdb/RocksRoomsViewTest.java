package org.headrace.projections.rocksdb;

import org.headrace.projections.view.RoomsViewContract;
import org.headrace.projections.view.Views;

class RocksRoomsViewTest extends RoomsViewContract {
  private OpenRocksViews opened;

  @Override
  protected Views open() throws Exception {
    opened = new OpenRocksViews();
    return opened.views();
  }

  @Override
  protected void close() throws Exception {
    opened.close();
  }
}
