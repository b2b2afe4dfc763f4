package org.headrace.topology.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/**
 * A partition's state by position (design D2). A command sees only what lies before its own
 * position, so that one decided again, over a store that already holds its future, is decided to
 * the same bytes.
 *
 * <p>Entries carry the position that first wrote them and count as absent at or before it. A cell
 * keeps a version per position that wrote it; versions that were superseded {@link
 * #VERSIONS_KEPT_MILLIS} ago are pruned, in command time, and a command that would need one fails
 * with {@link BelowFloorException}.
 *
 * <p>Writes are always puts, never "only if absent": a local store can hold what its changelog
 * never got. The progress is written last: where it stands, all of its command's writes are there.
 *
 * <p>Single-threaded, as the task that owns it. Two caches hold what was read or written last; both
 * are right because positions only rise while a store is open.
 */
public final class VersionedStore {
  /** How long superseded versions are kept, in command time. */
  public static final long VERSIONS_KEPT_MILLIS = 10 * 60 * 1000;

  /** Writes of a cell between two prunings of it. */
  private static final int WRITES_PER_PRUNING = 32;

  private static final int CACHED_CELLS_MAX = 4096;
  private static final int CACHED_ENTRIES_MAX = 8192;
  private static final int CACHED_VALUE_BYTES_MAX = 8192;

  private static final byte PRESENT = 1;

  /** Older versions of this cell have been pruned. */
  private static final byte FLOOR = 2;

  private final KeyValues keyValues;
  private final Map<String, Version> cells = new LruMap<>(CACHED_CELLS_MAX);
  private final Map<String, Entry> entries = new LruMap<>(CACHED_ENTRIES_MAX);

  public VersionedStore(KeyValues keyValues) {
    this.keyValues = keyValues;
  }

  /**
   * What the command at this position sees; its writes stay in the overlay until {@link #write}.
   */
  public Overlay at(Position at) {
    return new Overlay(this, at);
  }

  /** The position of the last command that was written completely; NONE before the first. */
  public Position progress() {
    byte[] value = keyValues.get(StoreKeys.PROGRESS);
    return value == null ? Position.NONE : StoreKeys.decodePosition(value);
  }

  /**
   * Writes what the overlay holds: entries, then cells in the order of their first write, then
   * progress.
   */
  public void write(Overlay overlay, long commandTs) {
    for (var entry : overlay.entries().entrySet()) {
      writeEntry(entry.getKey(), entry.getValue(), overlay.at());
    }
    for (var cell : overlay.cells().entrySet()) {
      writeCell(cell.getKey(), cell.getValue().orElse(null), overlay.at(), commandTs);
    }
    keyValues.put(StoreKeys.PROGRESS, StoreKeys.encodePosition(overlay.at()));
  }

  byte @Nullable [] readEntry(String key, Position at) {
    Entry entry = entries.get(key);
    if (entry == null) {
      entry = loadEntry(key);
      if (entry == null) {
        return null;
      }
      cache(key, entry);
    }
    return entry.position() < at.packed() ? entry.value() : null;
  }

  byte @Nullable [] readCell(String key, Position at) {
    return version(key, at).value();
  }

  void readCells(String prefix, int limit, Position at, SortedMap<String, byte[]> into) {
    try (var cursor = keyValues.ascending(StoreKeys.cellsFrom(prefix), StoreKeys.cellsTo(prefix))) {
      String current = null;
      byte[] newest = null;
      for (var next = cursor.next(); next != null; next = cursor.next()) {
        String key = StoreKeys.cellKey(next.key());
        if (!key.equals(current)) {
          keep(current, newest, into);
          if (into.size() >= limit) {
            return;
          }
          current = key;
          newest = null;
        }
        if (StoreKeys.packedPosition(next.key()) < at.packed()) {
          newest = Version.decode(next).value();
        }
      }
      keep(current, newest, into);
    }
  }

  private static void keep(
      @Nullable String key, byte @Nullable [] value, SortedMap<String, byte[]> into) {
    if (key != null && value != null) {
      into.put(key, value);
    }
  }

  private @Nullable Entry loadEntry(String key) {
    byte[] stored = keyValues.get(StoreKeys.entry(key));
    if (stored == null) {
      return null;
    }
    long position = ByteBuffer.wrap(stored).getLong();
    return new Entry(position, Arrays.copyOfRange(stored, Long.BYTES, stored.length));
  }

  private void writeEntry(String key, byte[] value, Position at) {
    Entry present = entries.containsKey(key) ? entries.get(key) : loadEntry(key);
    long first = present == null ? at.packed() : Math.min(present.position(), at.packed());
    keyValues.put(
        StoreKeys.entry(key),
        ByteBuffer.allocate(Long.BYTES + value.length).putLong(first).put(value).array());
    cache(key, new Entry(first, value));
  }

  private void cache(String key, Entry entry) {
    if (entry.value().length <= CACHED_VALUE_BYTES_MAX) {
      entries.put(key, entry);
    } else {
      entries.remove(key);
    }
  }

  /** The newest version before the position; an absent one if there is none. */
  private Version version(String key, Position at) {
    Version cached = cells.get(key);
    if (cached != null && cached.position() < at.packed()) {
      return cached;
    }
    Version found = load(key, at);
    cells.put(key, found);
    return found;
  }

  private Version load(String key, Position at) {
    byte[] oldest = StoreKeys.version(key, 0);
    if (at.packed() > 0) {
      try (var cursor = keyValues.descending(oldest, StoreKeys.version(key, at.packed() - 1))) {
        var newest = cursor.next();
        if (newest != null) {
          return Version.decode(newest);
        }
      }
    }
    try (var cursor = keyValues.ascending(oldest, StoreKeys.version(key, Long.MAX_VALUE))) {
      var first = cursor.next();
      if (first != null && Version.decode(first).floor()) {
        throw new BelowFloorException(key, at);
      }
    }
    return Version.ABSENT;
  }

  private void writeCell(String key, byte @Nullable [] value, Position at, long commandTs) {
    Version previous = version(key, at);
    int writes = previous == Version.ABSENT ? 0 : previous.writes() + 1;
    boolean prune = writes >= WRITES_PER_PRUNING;
    // The floor flag stands on the oldest kept version only; a new one never is the oldest unless
    // it is alone.
    Version version = new Version(at.packed(), commandTs, prune ? 0 : writes, false, value);
    keyValues.put(StoreKeys.version(key, at.packed()), version.encode());
    cells.put(key, version);
    if (prune) {
      prune(key, at, commandTs);
    }
  }

  /** Deletes versions whose successor is older than the time kept, and marks the oldest left. */
  private void prune(String key, Position at, long commandTs) {
    long limit = commandTs - VERSIONS_KEPT_MILLIS;
    KeyValues.Entry kept = null;
    var doomed = new ArrayList<byte[]>();
    try (var cursor =
        keyValues.ascending(StoreKeys.version(key, 0), StoreKeys.version(key, at.packed()))) {
      for (var next = cursor.next(); next != null; next = cursor.next()) {
        if (kept != null) {
          if (Version.decode(next).ts() > limit) {
            break;
          }
          doomed.add(kept.key());
        }
        kept = next;
      }
    }
    if (doomed.isEmpty() || kept == null) {
      return;
    }
    Version oldest = Version.decode(kept);
    keyValues.put(kept.key(), oldest.asFloor().encode());
    doomed.forEach(keyValues::delete);
  }

  /** An entry and the packed position that first wrote it. */
  private record Entry(long position, byte[] value) {}

  /** One version of a cell. */
  private record Version(
      long position, long ts, int writes, boolean floor, byte @Nullable [] value) {
    static final Version ABSENT = new Version(-1, 0, 0, false, null);

    private static final int HEADER_BYTES = 1 + Long.BYTES + Integer.BYTES;

    static Version decode(KeyValues.Entry stored) {
      ByteBuffer buffer = ByteBuffer.wrap(stored.value());
      byte flags = buffer.get();
      long ts = buffer.getLong();
      int writes = buffer.getInt();
      byte[] value =
          (flags & PRESENT) == 0
              ? null
              : Arrays.copyOfRange(stored.value(), HEADER_BYTES, stored.value().length);
      return new Version(
          StoreKeys.packedPosition(stored.key()), ts, writes, (flags & FLOOR) != 0, value);
    }

    byte[] encode() {
      int flags = (value == null ? 0 : PRESENT) | (floor ? FLOOR : 0);
      byte[] content = value == null ? new byte[0] : value;
      return ByteBuffer.allocate(HEADER_BYTES + content.length)
          .put((byte) flags)
          .putLong(ts)
          .putInt(writes)
          .put(content)
          .array();
    }

    Version asFloor() {
      return new Version(position, ts, writes, true, value);
    }
  }

  /** Keeps what was used last. */
  private static final class LruMap<V extends Object> extends LinkedHashMap<String, V> {
    private final int sizeMax;

    LruMap(int sizeMax) {
      super(16, 0.75f, true);
      this.sizeMax = sizeMax;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > sizeMax;
    }
  }

  /** An empty map for cells, sorted by key. */
  static SortedMap<String, byte[]> sorted() {
    return new TreeMap<>();
  }
}
