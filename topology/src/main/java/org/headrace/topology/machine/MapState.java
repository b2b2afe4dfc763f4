package org.headrace.topology.machine;

import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A state in memory without versions: for replaying a log, and for unit tests of a machine. */
public final class MapState implements State {
  private final TreeMap<String, byte[]> entries = new TreeMap<>();
  private final TreeMap<String, byte[]> cells = new TreeMap<>();

  @Override
  public byte @Nullable [] entry(String key) {
    return entries.get(key);
  }

  @Override
  public void putEntry(String key, byte[] value) {
    entries.put(key, value);
  }

  @Override
  public byte @Nullable [] cell(String key) {
    return cells.get(key);
  }

  @Override
  public SortedMap<String, byte[]> cells(String prefix, int limit) {
    TreeMap<String, byte[]> found = new TreeMap<>();
    for (var cell : cells.tailMap(prefix).entrySet()) {
      if (!cell.getKey().startsWith(prefix) || found.size() >= limit) {
        break;
      }
      found.put(cell.getKey(), cell.getValue());
    }
    return found;
  }

  @Override
  public void putCell(String key, byte[] value) {
    cells.put(key, value);
  }

  @Override
  public void deleteCell(String key) {
    cells.remove(key);
  }

  /** Everything, by kind and key, in hexadecimal: to compare two states. */
  public SortedMap<String, String> contents() {
    TreeMap<String, String> contents = new TreeMap<>();
    entries.forEach((key, value) -> contents.put("entry " + key, hex(value)));
    cells.forEach((key, value) -> contents.put("cell " + key, hex(value)));
    return contents;
  }

  private static String hex(byte[] value) {
    return HexFormat.of().formatHex(value);
  }
}
