package org.headrace.standalone.app;

import java.util.function.Consumer;
import org.headrace.projections.cassandra.CassandraViews;
import org.headrace.projections.fold.ViewWriter;
import org.headrace.projections.rocksdb.RocksViews;
import org.headrace.projections.view.ViewPorts;

/**
 * The views that this process reads or writes.
 *
 * @param writer for the projector
 * @param shared whether other processes read and write the same views: then projectors share the
 *     partitions; else this process needs a projector of its own that has all of them
 */
record ViewStore(ViewPorts views, ViewWriter writer, boolean shared) implements AutoCloseable {
  /**
   * In Cassandra, where one is named; else in RocksDB in the data folder, for this process only.
   */
  static ViewStore open(ClusterSettings settings, Consumer<String> alarm) {
    if (settings.cassandra().isPresent()) {
      CassandraViews views = CassandraViews.open(settings.cassandra().get());
      return new ViewStore(views, views, true);
    }
    RocksViews views = RocksViews.open(settings.data().resolve("views"));
    views.dropped().ifPresent(why -> alarm.accept("the views are built anew: " + why));
    return new ViewStore(views, views, false);
  }

  @Override
  public void close() {
    views.close();
  }
}
