package org.headrace.projections.rows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.PresenceRecord;

/**
 * Everybody's presence, in memory only, since deadlines are minutes away: by user, by when it last
 * changed, and by when it ends. Safe for many threads.
 */
public final class PresenceBoard {
  /** Users that are kept; who was silent for longest goes first. */
  private static final int USERS_MAX = 200_000;

  private final Map<Integer, Part> parts = new HashMap<>();

  /** Insertion order is the order of records: the first has been silent for longest. */
  private final LinkedHashMap<UserId, Integer> order = new LinkedHashMap<>();

  private record Entry(Position position, Position changed, PresenceRecord record) {}

  private static final class Part {
    final Map<UserId, Entry> users = new HashMap<>();
    final TreeMap<Position, UserId> changes = new TreeMap<>();
    final TreeMap<Long, TreeSet<UserId>> deadlines = new TreeMap<>();
  }

  /**
   * A record at its position; one that is no later than what is held changes nothing.
   *
   * @param changed when it last said something new; NONE: as far as is known, it never did
   */
  public void put(int partition, Position position, Position changed, PresenceRecord record) {
    put(partition, position, changed, Position.NONE, record);
  }

  /**
   * The same where readers were told already what changed up to a position: a change up to there
   * that was missed, since a renewal took its place, counts as one of the renewal.
   */
  public synchronized void put(
      int partition, Position position, Position changed, Position told, PresenceRecord record) {
    Part part = parts.computeIfAbsent(partition, p -> new Part());
    Entry before = part.users.get(record.user());
    if (before != null && !position.isAfter(before.position())) {
      return;
    }
    remove(part, record.user());
    Position held = before == null ? Position.NONE : before.changed();
    boolean missed = changed.isAfter(held) && !changed.isAfter(told);
    Position since = changed.isAfter(held) ? changed : held;
    if (missed || since.equals(Position.NONE)) {
      since = position;
    }
    part.users.put(record.user(), new Entry(position, since, record));
    part.changes.put(since, record.user());
    if (record.untilTs() > 0) {
      part.deadlines.computeIfAbsent(record.untilTs(), ts -> new TreeSet<>()).add(record.user());
    }
    order.remove(record.user());
    order.put(record.user(), partition);
    if (order.size() > USERS_MAX) {
      var eldest = order.pollFirstEntry();
      remove(Objects.requireNonNull(parts.get(eldest.getValue())), eldest.getKey());
    }
  }

  private static void remove(Part part, UserId user) {
    Entry entry = part.users.remove(user);
    if (entry != null) {
      part.changes.remove(entry.changed());
      part.deadlines.computeIfPresent(
          entry.record().untilTs(),
          (ts, users) -> {
            users.remove(user);
            return users.isEmpty() ? null : users;
          });
    }
  }

  public synchronized Optional<PresenceRecord> presence(int partition, UserId user) {
    Part part = parts.get(partition);
    return part == null
        ? Optional.empty()
        : Optional.ofNullable(part.users.get(user)).map(Entry::record);
  }

  /** Those that changed with {@code after < position <= upTo}, in order. */
  public synchronized List<PresenceRecord> changed(int partition, Position after, Position upTo) {
    Part part = parts.get(partition);
    if (part == null || !upTo.isAfter(after)) {
      return List.of();
    }
    List<PresenceRecord> found = new ArrayList<>();
    for (UserId user : part.changes.subMap(after, false, upTo, true).values()) {
      found.add(record(part, user));
    }
    return found;
  }

  /** Those whose deadline is after the one and not after the other, in order. */
  public synchronized List<PresenceRecord> ended(int partition, long afterTs, long upToTs) {
    Part part = parts.get(partition);
    if (part == null || upToTs <= afterTs) {
      return List.of();
    }
    List<PresenceRecord> found = new ArrayList<>();
    for (TreeSet<UserId> users : part.deadlines.subMap(afterTs, false, upToTs, true).values()) {
      users.forEach(user -> found.add(record(part, user)));
    }
    return found;
  }

  private static PresenceRecord record(Part part, UserId user) {
    return Objects.requireNonNull(part.users.get(user)).record();
  }

  public synchronized void clear(int partition) {
    parts.remove(partition);
    order.values().removeIf(of -> of == partition);
  }

  public synchronized void clear() {
    parts.clear();
    order.clear();
  }
}
