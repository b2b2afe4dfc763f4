package org.headrace.simulation.world;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.headrace.topology.store.KeyValues;
import org.jspecify.annotations.Nullable;

/** An ordered byte store; each write is a step at which the task can die, before it or after it. */
final class CrashingKeyValues implements KeyValues {
  private final NavigableMap<byte[], byte[]> rows;
  private final Faults faults;
  private final BiConsumer<byte[], byte @Nullable []> written;

  CrashingKeyValues(
      NavigableMap<byte[], byte[]> rows,
      Faults faults,
      BiConsumer<byte[], byte @Nullable []> written) {
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
  public void put(byte[] key, byte[] value) {
    faults.step();
    rows.put(key, value);
    written.accept(key, value);
  }

  @Override
  public void delete(byte[] key) {
    faults.step();
    rows.remove(key);
    written.accept(key, null);
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
