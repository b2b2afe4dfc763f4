package org.headrace.topology.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import org.headrace.topology.store.ChangelogTail;
import org.headrace.topology.store.ChangelogTail.Begun;
import org.headrace.topology.store.ChangelogTail.Progress;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * A task's local store while no task runs, as Kafka Streams lays it out: a RocksDB with the values
 * in its default column family, and in another the changelog offsets that they are of.
 */
final class LocalStore {
  private static final byte[] OFFSETS = "offsets".getBytes(StandardCharsets.UTF_8);

  private final Path taskFolder;
  private final Path database;

  LocalStore(Path stateFolder, String topology, String store, int partition) {
    taskFolder = stateFolder.resolve(topology).resolve("0_" + partition);
    database = taskFolder.resolve("rocksdb").resolve(store);
  }

  /**
   * What a store says of itself.
   *
   * @param changelogOffset of the last changelog record that it is sure to have; -1: unknown
   */
  record End(Progress progress, Begun begun, long changelogOffset) {}

  /** Null if there is no store. */
  @Nullable End end(TopicPartition changelog) throws RocksDBException {
    if (!Files.isDirectory(database)) {
      return null;
    }
    List<ColumnFamilyDescriptor> families = families();
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options = new DBOptions();
        RocksDB db = RocksDB.openReadOnly(options, database.toString(), families, handles)) {
      try {
        return end(db, handles, changelog);
      } finally {
        handles.forEach(ColumnFamilyHandle::close);
      }
    } finally {
      families.forEach(family -> family.getOptions().close());
    }
  }

  private List<ColumnFamilyDescriptor> families() throws RocksDBException {
    try (Options options = new Options()) {
      return RocksDB.listColumnFamilies(options, database.toString()).stream()
          .map(ColumnFamilyDescriptor::new)
          .toList();
    }
  }

  private static End end(RocksDB db, List<ColumnFamilyHandle> handles, TopicPartition changelog)
      throws RocksDBException {
    long offset = -1;
    for (ColumnFamilyHandle handle : handles) {
      if (Arrays.equals(handle.getName(), OFFSETS)) {
        byte[] value = db.get(handle, changelog.toString().getBytes(StandardCharsets.UTF_8));
        offset = value == null ? -1 : ByteBuffer.wrap(value).getLong();
      }
    }
    byte[] progressKey = ChangelogTail.progressKey();
    Progress progress = ChangelogTail.progress(progressKey, db.get(progressKey));
    byte[] begunKey = ChangelogTail.begunKey();
    Begun begun = ChangelogTail.begun(begunKey, db.get(begunKey));
    return new End(
        progress == null ? Progress.NONE : progress, begun == null ? Begun.NONE : begun, offset);
  }

  /** When something was last written to it, milliseconds since 1970. */
  long modifiedMillis() throws IOException {
    long newest = 0;
    try (Stream<Path> files = Files.list(database)) {
      for (Path file : files.toList()) {
        newest = Math.max(newest, Files.getLastModifiedTime(file).toMillis());
      }
    }
    return newest;
  }

  void delete() {
    delete(taskFolder);
  }

  static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
