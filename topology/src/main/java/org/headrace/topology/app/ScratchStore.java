package org.headrace.topology.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.headrace.topology.store.KeyValues;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** An ordered byte store in a folder that is emptied before and after. One thread. */
final class ScratchStore implements KeyValues, AutoCloseable {
  private final Path folder;
  private final Options options;
  private final WriteOptions writeOptions;
  private final RocksDB db;

  ScratchStore(Path folder) throws RocksDBException {
    this.folder = folder;
    LocalStore.delete(folder);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    options = new Options().setCreateIfMissing(true);
    writeOptions = new WriteOptions().setDisableWAL(true);
    db = RocksDB.open(options, folder.toString());
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    try {
      return db.get(key);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void write(List<Write> writes) {
    try (WriteBatch batch = new WriteBatch()) {
      for (Write write : writes) {
        if (write.value() == null) {
          batch.delete(write.key());
        } else {
          batch.put(write.key(), write.value());
        }
      }
      db.write(writeOptions, batch);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All of it. */
  Cursor all() {
    RocksIterator iterator = db.newIterator();
    iterator.seekToFirst();
    return new RocksCursor(iterator, true, null);
  }

  @Override
  public Cursor ascending(byte[] from, byte[] to) {
    RocksIterator iterator = db.newIterator();
    iterator.seek(from);
    return new RocksCursor(iterator, true, to);
  }

  @Override
  public Cursor descending(byte[] from, byte[] to) {
    RocksIterator iterator = db.newIterator();
    iterator.seekForPrev(to);
    return new RocksCursor(iterator, false, from);
  }

  @Override
  public void close() {
    db.close();
    writeOptions.close();
    options.close();
    LocalStore.delete(folder);
  }

  /** Goes on up to a key inclusively, or to the end. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record RocksCursor(RocksIterator iterator, boolean ascending, byte @Nullable [] end)
      implements Cursor {
    @Override
    public @Nullable Entry next() {
      if (!iterator.isValid()) {
        return null;
      }
      byte[] key = iterator.key();
      if (end != null) {
        int order = Arrays.compareUnsigned(key, end);
        if (ascending ? order > 0 : order < 0) {
          return null;
        }
      }
      Entry entry = new Entry(key, iterator.value());
      if (ascending) {
        iterator.next();
      } else {
        iterator.prev();
      }
      return entry;
    }

    @Override
    public void close() {
      iterator.close();
    }
  }
}
