package org.headrace.projections.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One RocksDB with the sizes that keep it small and its restart short: what a kill leaves in the
 * write-ahead log is bounded, whatever the history. Writes are not synced; the page cache survives
 * a kill, and after a power cut the views are checked against the logs.
 *
 * <p>Safe for many threads; closing waits for readers, later calls throw.
 */
final class Rows implements AutoCloseable {
  private static final long WRITE_BUFFER_BYTES = 4L << 20;
  private static final int WRITE_BUFFERS_MAX = 3;
  private static final long WAL_BYTES_MAX = 16L << 20;
  private static final long BLOCK_CACHE_BYTES = 16L << 20;
  private static final long BLOCK_BYTES = 8L << 10;
  private static final int OPEN_FILES_MAX = 256;
  private static final int BLOOM_BITS_PER_KEY = 10;
  private static final int INFO_LOGS_KEPT = 2;
  private static final int BACKGROUND_JOBS_MAX = 2;

  static {
    RocksDB.loadLibrary();
  }

  private final ReadWriteLock lifetime = new ReentrantReadWriteLock();
  private final Cache cache;
  private final BloomFilter bloom;
  private final Options options;
  private final WriteOptions writeOptions = new WriteOptions();
  private final ReadOptions readOptions = new ReadOptions();
  private final RocksDB db;
  private boolean closed;

  Rows(Path folder) throws RocksDBException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cache = new LRUCache(BLOCK_CACHE_BYTES);
    bloom = new BloomFilter(BLOOM_BITS_PER_KEY);
    options = options(cache, bloom);
    try {
      db = RocksDB.open(options, folder.toString());
    } catch (RocksDBException e) {
      closeOptions();
      throw e;
    }
  }

  private static Options options(Cache cache, BloomFilter bloom) {
    return new Options()
        .setCreateIfMissing(true)
        .setWriteBufferSize(WRITE_BUFFER_BYTES)
        .setMaxWriteBufferNumber(WRITE_BUFFERS_MAX)
        .setMaxTotalWalSize(WAL_BYTES_MAX)
        .setMaxOpenFiles(OPEN_FILES_MAX)
        .setMaxBackgroundJobs(BACKGROUND_JOBS_MAX)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setKeepLogFileNum(INFO_LOGS_KEPT)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setStatsDumpPeriodSec(0)
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(BLOCK_BYTES)
                .setCacheIndexAndFilterBlocks(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setFilterPolicy(bloom));
  }

  /** Deletes a database that is not open. */
  static void destroy(Path folder) throws RocksDBException {
    try (Options options = new Options()) {
      RocksDB.destroyDB(folder.toString(), options);
    }
  }

  byte @Nullable [] get(byte[] key) {
    open();
    try {
      return db.get(readOptions, key);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /** The values in the order of the keys, null where there is none. */
  List<byte[]> get(List<byte[]> keys) {
    open();
    try {
      return db.multiGetAsList(readOptions, keys);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  void write(WriteBatch batch) {
    open();
    try {
      db.write(writeOptions, batch);
    } catch (RocksDBException e) {
      throw new IllegalStateException(e);
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /** A cursor over the keys {@code from <= key < to}, standing nowhere. Close it on its thread. */
  Cursor cursor(byte[] from, byte[] to) {
    open();
    return new Cursor(from, to);
  }

  Cursor cursor(byte[] prefix) {
    return cursor(prefix, RowKey.afterPrefix(prefix));
  }

  private void open() {
    lifetime.readLock().lock();
    if (closed) {
      lifetime.readLock().unlock();
      throw new IllegalStateException("the views are closed");
    }
  }

  @Override
  public void close() {
    lifetime.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        db.close();
        closeOptions();
      }
    } finally {
      lifetime.writeLock().unlock();
    }
  }

  private void closeOptions() {
    readOptions.close();
    writeOptions.close();
    options.close();
    bloom.close();
    cache.close();
  }

  /** A bounded iteration; holds the database open. */
  final class Cursor implements AutoCloseable {
    private final Slice lower;
    private final Slice upper;
    private final ReadOptions bounds;
    private final RocksIterator iterator;

    private Cursor(byte[] from, byte[] to) {
      lower = new Slice(from);
      upper = new Slice(to);
      bounds = new ReadOptions().setIterateLowerBound(lower).setIterateUpperBound(upper);
      iterator = db.newIterator(bounds);
    }

    boolean first() {
      iterator.seekToFirst();
      return valid();
    }

    boolean last() {
      iterator.seekToLast();
      return valid();
    }

    /** The first key at or after this one. */
    boolean seek(byte[] key) {
      iterator.seek(key);
      return valid();
    }

    boolean next() {
      iterator.next();
      return valid();
    }

    boolean previous() {
      iterator.prev();
      return valid();
    }

    byte[] key() {
      return iterator.key();
    }

    byte[] value() {
      return iterator.value();
    }

    private boolean valid() {
      if (iterator.isValid()) {
        return true;
      }
      try {
        iterator.status();
      } catch (RocksDBException e) {
        throw new IllegalStateException(e);
      }
      return false;
    }

    @Override
    public void close() {
      iterator.close();
      bounds.close();
      upper.close();
      lower.close();
      lifetime.readLock().unlock();
    }
  }
}
