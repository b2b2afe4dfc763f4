package org.headrace.projections.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.projections.view.OpenViews;

/** Views in a temporary folder of their own. */
public final class OpenRocksViews implements AutoCloseable {
  private final Path folder;
  private final RocksViews views;

  public OpenRocksViews() throws IOException {
    folder = Files.createTempDirectory("views");
    views = RocksViews.open(folder);
  }

  public Path folder() {
    return folder;
  }

  public RocksViews rocks() {
    return views;
  }

  public OpenViews views() {
    return new OpenViews(views, views);
  }

  /** Every row, hexadecimal. */
  public static SortedMap<String, String> dump(RocksViews views) {
    HexFormat hex = HexFormat.of();
    SortedMap<String, String> dump = new TreeMap<>();
    try (var cursor = views.rows().cursor(new byte[] {0}, new byte[] {(byte) 0xFF})) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        dump.put(hex.formatHex(cursor.key()), hex.formatHex(cursor.value()));
      }
    }
    return dump;
  }

  @Override
  public void close() throws IOException {
    views.close();
    delete(folder);
  }

  static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
