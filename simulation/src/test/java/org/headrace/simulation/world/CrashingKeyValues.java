package org.headrace.simulation.world;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.headrace.topology.store.KeyValues;
import org.jspecify.annotations.Nullable;

/** An ordered byte store; the task can die before each batch of writes, and after. */
final class CrashingKeyValues implements KeyValues {
  private final NavigableMap<byte[], byte[]> rows;
  private final Faults faults;
  private final Consumer<List<Write>> written;

  CrashingKeyValues(
      NavigableMap<byte[], byte[]> rows, Faults faults, Consumer<List<Write>> written) {
    this.rows = rows;
    this.faults = faults;
    this.written = written;
  }

  static NavigableMap<byte[], byte[]> empty() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return rows.get(key);
  }

  @Override
  public void write(List<Write> writes) {
    faults.step();
    put(rows, writes);
    written.accept(writes);
    writes.forEach(write -> faults.step());
  }

  static void put(NavigableMap<byte[], byte[]> rows, List<Write> writes) {
    for (Write write : writes) {
      if (write.value() == null) {
        rows.remove(write.key());
      } else {
        rows.put(write.key(), write.value());
      }
    }
  }

  @Override
  public Cursor ascending(byte[] from, byte[] to) {
    return new MapCursor(rows.subMap(from, true, to, true).entrySet().iterator());
  }

  @Override
  public Cursor descending(byte[] from, byte[] to) {
    return new MapCursor(rows.subMap(from, true, to, true).descendingMap().entrySet().iterator());
  }

  private record MapCursor(Iterator<Map.Entry<byte[], byte[]>> rows) implements Cursor {
    @Override
    public @Nullable Entry next() {
      if (!rows.hasNext()) {
        return null;
      }
      Map.Entry<byte[], byte[]> next = rows.next();
      return new Entry(next.getKey(), next.getValue());
    }

    @Override
    public void close() {}
  }
}
