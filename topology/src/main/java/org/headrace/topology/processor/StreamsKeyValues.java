package org.headrace.topology.processor;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.headrace.topology.store.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * The byte store over a Streams store with its changelog. RocksDB takes a batch whole; the
 * changelog gets its records one by one.
 */
final class StreamsKeyValues implements KeyValues {
  private final KeyValueStore<Bytes, byte[]> store;

  StreamsKeyValues(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return store.get(Bytes.wrap(key));
  }

  @Override
  public void write(List<Write> writes) {
    List<KeyValue<Bytes, byte[]>> batch = new ArrayList<>(writes.size());
    for (Write write : writes) {
      batch.add(new KeyValue<>(Bytes.wrap(write.key()), write.value()));
    }
    store.putAll(batch);
  }

  @Override
  public Cursor ascending(byte[] from, byte[] to) {
    return new IteratorCursor(store.range(Bytes.wrap(from), Bytes.wrap(to)));
  }

  @Override
  public Cursor descending(byte[] from, byte[] to) {
    return new IteratorCursor(store.reverseRange(Bytes.wrap(from), Bytes.wrap(to)));
  }

  private record IteratorCursor(KeyValueIterator<Bytes, byte[]> iterator) implements Cursor {
    @Override
    public @Nullable Entry next() {
      if (!iterator.hasNext()) {
        return null;
      }
      KeyValue<Bytes, byte[]> next = iterator.next();
      return new Entry(next.key.get(), next.value);
    }

    @Override
    public void close() {
      iterator.close();
    }
  }
}
