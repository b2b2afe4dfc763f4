package org.headrace.topology.app;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/**
 * RocksDB of the topologies' stores. Memtables are small: after a kill -9 a task restores from its
 * changelog what they held, and that must not grow with the history.
 */
public final class StoreSettings implements RocksDBConfigSetter {
  private static final long BLOCK_CACHE_BYTES = 16L * 1024 * 1024;
  private static final long MEMTABLE_BYTES = 4L * 1024 * 1024;
  private static final int MEMTABLES_MAX = 2;
  private static final int BLOCK_BYTES = 8 * 1024;
  private static final double BLOOM_BITS_PER_KEY = 10;

  /** Shared by all stores of the process, so that their number does not multiply it. */
  private static final Cache BLOCK_CACHE = new LRUCache(BLOCK_CACHE_BYTES);

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
    table.setBlockCache(BLOCK_CACHE);
    table.setBlockSize(BLOCK_BYTES);
    table.setFilterPolicy(new BloomFilter(BLOOM_BITS_PER_KEY, false));
    table.setCacheIndexAndFilterBlocks(true);
    options.setTableFormatConfig(table);
    options.setWriteBufferSize(MEMTABLE_BYTES);
    options.setMaxWriteBufferNumber(MEMTABLES_MAX);
  }

  @Override
  public void close(String storeName, Options options) {}
}
