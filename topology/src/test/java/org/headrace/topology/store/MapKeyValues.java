package org.headrace.topology.store;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An ordered byte store in memory. */
public final class MapKeyValues implements KeyValues {
  private final TreeMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);

  public TreeMap<byte[], byte[]> map() {
    return map;
  }

  @Override
  public byte[] get(byte[] key) {
    return map.get(key);
  }

  @Override
  public void write(List<Write> writes) {
    for (Write write : writes) {
      if (write.value() == null) {
        map.remove(write.key());
      } else {
        map.put(write.key(), write.value());
      }
    }
  }

  @Override
  public Cursor ascending(byte[] from, byte[] to) {
    return new MapCursor(new TreeMap<>(map.subMap(from, true, to, true)).entrySet().iterator());
  }

  @Override
  public Cursor descending(byte[] from, byte[] to) {
    return new MapCursor(
        new TreeMap<>(map.subMap(from, true, to, true)).descendingMap().entrySet().iterator());
  }

  private record MapCursor(Iterator<Map.Entry<byte[], byte[]>> iterator) implements Cursor {
    @Override
    public Entry next() {
      if (!iterator.hasNext()) {
        return null;
      }
      var next = iterator.next();
      return new Entry(next.getKey(), next.getValue());
    }

    @Override
    public void close() {}
  }
}
