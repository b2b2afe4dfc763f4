package org.headrace.topology.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.schema.log.Position;
import org.headrace.topology.store.ChangelogTail.Begun;
import org.headrace.topology.store.ChangelogTail.Progress;
import org.headrace.topology.store.KeyValues.Write;
import org.jspecify.annotations.Nullable;

/**
 * A partition's state by position (design D2). A command sees only what lies before its own
 * position, so that one decided again, over a store that already holds its future, is decided to
 * the same bytes.
 *
 * <p>Entries carry the position that first wrote them and count as absent at or before it. A cell
 * keeps a version per position that wrote it. Versions that were superseded or deleted {@link
 * #VERSIONS_KEPT_MILLIS} ago in command time, by commands that are committed ({@link
 * #committedBefore}), are dropped, a few with each command. That raises the floor of the store: a
 * command at or before it fails with {@link BelowFloorException}.
 *
 * <p>Writes are always puts, never "only if absent": a local store can hold what its changelog
 * never got. A command's writes are framed: first that it has begun, last the progress. Where the
 * progress stands, all of its command's writes are there; where {@link Begun} stands, nothing later
 * was written.
 *
 * <p>Single-threaded, as the task that owns it. Two caches hold what was read or written last; both
 * are right because positions only rise while a store is open.
 */
public final class VersionedStore {
  /** How long superseded versions are kept, in command time. */
  public static final long VERSIONS_KEPT_MILLIS = 10 * 60 * 1000;

  /** Writes of a cell between two prunings of it. */
  private static final int WRITES_PER_PRUNING = 32;

  /** Versions that one pruning drops; twice what comes between two. */
  private static final int VERSIONS_PER_PRUNING_MAX = 2 * WRITES_PER_PRUNING;

  private static final int CACHED_CELLS_MAX = 4096;
  private static final int CACHED_ENTRIES_MAX = 8192;
  private static final int CACHED_VALUE_BYTES_MAX = 8192;

  private final KeyValues keyValues;
  private final long keptMillis;
  private final Deletions deletions;
  private final Map<String, Version> cells = new LruMap<>(CACHED_CELLS_MAX);
  private final Map<String, Entry> entries = new LruMap<>(CACHED_ENTRIES_MAX);
  private Progress progress;
  private Begun begun;
  private Position committedBefore = Position.NONE;

  public VersionedStore(KeyValues keyValues) {
    this(keyValues, VERSIONS_KEPT_MILLIS);
  }

  public VersionedStore(KeyValues keyValues, long keptMillis) {
    this.keyValues = keyValues;
    this.keptMillis = keptMillis;
    deletions = new Deletions(keyValues);
    Progress foundProgress =
        ChangelogTail.progress(StoreKeys.PROGRESS, keyValues.get(StoreKeys.PROGRESS));
    progress = foundProgress == null ? Progress.NONE : foundProgress;
    Begun foundBegun = ChangelogTail.begun(StoreKeys.BEGUN, keyValues.get(StoreKeys.BEGUN));
    begun = foundBegun == null ? Begun.NONE : foundBegun;
  }

  /**
   * What the command at this position sees; its writes stay in the overlay until {@link #write}.
   */
  public Overlay at(Position at) {
    if (!at.isAfter(begun.floor())) {
      throw new BelowFloorException(at, begun.floor());
    }
    return new Overlay(this, at);
  }

  /** The position of the last command that was written completely; NONE before the first. */
  public Position progress() {
    return progress.position();
  }

  /** The highest position of which anything may have been written. */
  public Position begun() {
    return begun.position();
  }

  /** Commands before this position will not be decided again unless a power cut takes more. */
  public void committedBefore(Position position) {
    if (position.isAfter(committedBefore)) {
      committedBefore = position;
      deletions.look();
    }
  }

  /**
   * Writes what the overlay holds: entries, then cells in the order of their first write, then
   * progress.
   *
   * @param commandTs milliseconds since 1970, by the command
   * @param padding whether the command is a padding one
   */
  public void write(Overlay overlay, long commandTs, boolean padding) {
    long lastPad = padding ? overlay.at().offset() : progress.lastPad();
    write(overlay, overlay.at(), commandTs, lastPad);
  }

  /** The same for what a command at another position wrote. */
  void write(Overlay overlay, Position at, long commandTs, long lastPad) {
    List<Write> batch = new ArrayList<>();
    long untilTs = commandTs - keptMillis;
    Position floor = begun.floor();
    int deleted = 0;
    for (var entry : overlay.entries().entrySet()) {
      writeEntry(entry.getKey(), entry.getValue(), at, batch);
    }
    for (var cell : overlay.cells().entrySet()) {
      byte[] value = cell.getValue().orElse(null);
      Version previous = version(cell.getKey(), overlay.at());
      if (value == null && previous.value() == null) {
        continue;
      }
      if (writeCell(cell.getKey(), value, previous, at, commandTs, batch)) {
        floor = later(floor, prune(cell.getKey(), at, untilTs, batch));
      }
      if (value == null) {
        deletions.add(cell.getKey(), at, commandTs, batch);
        deleted++;
      }
    }
    int drops = Deletions.DROPS_PER_WRITE + 2 * deleted;
    Position bound = committedBefore.isAfter(at) ? at : committedBefore;
    floor = later(floor, deletions.collect(bound, untilTs, drops, batch));
    begun = new Begun(later(begun.position(), at), floor);
    progress = new Progress(at, lastPad);
    batch.addFirst(new Write(StoreKeys.BEGUN, ChangelogTail.encode(begun)));
    batch.add(new Write(StoreKeys.PROGRESS, ChangelogTail.encode(progress)));
    keyValues.write(batch);
  }

  private static Position later(Position one, Position other) {
    return one.isAfter(other) ? one : other;
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
          newest = Version.decode(next.key(), next.value()).value();
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

  private void writeEntry(String key, byte[] value, Position at, List<Write> batch) {
    Entry present = entries.containsKey(key) ? entries.get(key) : loadEntry(key);
    long first = present == null ? at.packed() : Math.min(present.position(), at.packed());
    byte[] stored =
        ByteBuffer.allocate(Long.BYTES + value.length).putLong(first).put(value).array();
    batch.add(new Write(StoreKeys.entry(key), stored));
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
    if (at.packed() == 0) {
      return Version.ABSENT;
    }
    byte[] newest = StoreKeys.version(key, at.packed() - 1);
    try (var cursor = keyValues.descending(StoreKeys.version(key, 0), newest)) {
      var found = cursor.next();
      return found == null ? Version.ABSENT : Version.decode(found.key(), found.value());
    }
  }

  /** Returns whether the cell is to be pruned. */
  private boolean writeCell(
      String key,
      byte @Nullable [] value,
      Version previous,
      Position at,
      long commandTs,
      List<Write> batch) {
    int writes = previous == Version.ABSENT ? 0 : previous.writes() + 1;
    boolean prune = writes >= WRITES_PER_PRUNING;
    Version version = new Version(at.packed(), commandTs, prune ? 0 : writes, value);
    batch.add(new Write(StoreKeys.version(key, at.packed()), version.encode()));
    cells.put(key, version);
    return prune;
  }

  /**
   * Drops versions whose successor is older than the time kept, oldest first; returns the last such
   * successor's position, or NONE.
   */
  private Position prune(String key, Position at, long untilTs, List<Write> batch) {
    Position last = Position.NONE;
    byte[] superseded = null;
    int dropped = 0;
    byte[] newest = StoreKeys.version(key, at.packed());
    try (var cursor = keyValues.ascending(StoreKeys.version(key, 0), newest)) {
      for (var next = cursor.next(); next != null; next = cursor.next()) {
        if (superseded != null) {
          Version version = Version.decode(next.key(), next.value());
          boolean needed = version.ts() > untilTs || version.position() >= committedBefore.packed();
          if (needed || dropped++ == VERSIONS_PER_PRUNING_MAX) {
            return last;
          }
          batch.add(new Write(superseded, null));
          last = new Position(version.position());
        }
        superseded = next.key();
      }
    }
    return last;
  }

  /** An entry and the packed position that first wrote it. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Entry(long position, byte[] value) {}

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
