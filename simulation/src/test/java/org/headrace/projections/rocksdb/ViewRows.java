package org.headrace.projections.rocksdb;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.schema.log.Topic;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** All rows of the views, so that two folds of the same logs can be compared byte by byte. */
public final class ViewRows {
  private static final HexFormat HEX = HexFormat.of();

  private static final byte META = 0x01;

  private ViewRows() {}

  /** Empties views for another world: not even what was shown is remembered. */
  public static void clear(RocksViews views) {
    for (Topic.Family family : Topic.Family.values()) {
      views.drop(family);
    }
    try (WriteBatch batch = new WriteBatch()) {
      byte[] prefix = RowKey.of(Table.META).text("shown").bytes();
      batch.deleteRange(prefix, RowKey.afterPrefix(prefix));
      views.rows().write(batch);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Rows by key, in hexadecimal; checkpoints are left out, since offsets of repeats differ. */
  public static SortedMap<String, String> of(RocksViews views) {
    SortedMap<String, String> rows = new TreeMap<>();
    byte[] last = new byte[64];
    Arrays.fill(last, (byte) 0xFF);
    try (var cursor = views.rows().cursor(new byte[] {0}, last)) {
      for (boolean valid = cursor.first(); valid; valid = cursor.next()) {
        if (cursor.key()[0] != META) {
          rows.put(HEX.formatHex(cursor.key()), HEX.formatHex(cursor.value()));
        }
      }
    }
    return rows;
  }
}
