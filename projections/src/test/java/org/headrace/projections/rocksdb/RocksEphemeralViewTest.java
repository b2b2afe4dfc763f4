package org.headrace.projections.rocksdb;

import org.headrace.projections.view.EphemeralViewContract;
import org.headrace.projections.view.OpenViews;

class RocksEphemeralViewTest extends EphemeralViewContract {
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
