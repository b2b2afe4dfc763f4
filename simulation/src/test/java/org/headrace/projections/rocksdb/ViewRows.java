package org.headrace.projections.rocksdb;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/** All rows of the views, so that two folds of the same logs can be compared byte by byte. */
public final class ViewRows {
  private static final HexFormat HEX = HexFormat.of();

  private static final byte META = 0x01;

  private ViewRows() {}

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
