package org.headrace.projections.rocksdb;

import org.headrace.projections.view.OpenViews;
import org.headrace.projections.view.TimelineViewContract;

class RocksTimelineViewTest extends TimelineViewContract {
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
