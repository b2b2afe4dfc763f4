package org.headrace.projections.rocksdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.projections.view.StateView;
import org.headrace.schema.log.Position;

/** State by position: the versions of an entry lie side by side, newest first. */
final class RocksStateView implements StateView {
  private final Rows rows;

  RocksStateView(Rows rows) {
    this.rows = rows;
  }

  @Override
  public Optional<EventId> entry(RoomId room, StateKey key, Position at) {
    if (at.equals(Position.NONE)) {
      return Optional.empty();
    }
    byte[] versions = versions(room, key);
    byte[] from = version(room, key, at);
    try (var cursor = rows.cursor(from, RowKey.afterPrefix(versions))) {
      return cursor.first() ? eventId(cursor.value()) : Optional.empty();
    }
  }

  @Override
  public List<Entry> ofType(RoomId room, String type, Position at) {
    return entries(room, RowKey.of(Table.STATE).text(room.value()).text(type).bytes(), at);
  }

  @Override
  public List<Entry> all(RoomId room, Position at) {
    return entries(room, RowKey.of(Table.STATE).text(room.value()).bytes(), at);
  }

  @Override
  public List<Change> changes(RoomId room, Position after, Position upTo) {
    List<Change> changes = new ArrayList<>();
    if (after.isAfter(upTo)) {
      return changes;
    }
    try (var cursor =
        rows.cursor(
            RowKey.of(Table.STATE_CHANGE).text(room.value()).number(after.packed() + 1).bytes(),
            RowKey.of(Table.STATE_CHANGE).text(room.value()).number(upTo.packed() + 1).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        RowKey.Reader key = new RowKey.Reader(cursor.key()).skipText();
        Position position = new Position(key.number());
        changes.add(
            new Change(position, new StateKey(key.text(), key.text()), eventId(cursor.value())));
      }
    }
    return changes;
  }

  /** The newest version of each entry that is not after the position; jumps over all others. */
  private List<Entry> entries(RoomId room, byte[] prefix, Position at) {
    List<Entry> entries = new ArrayList<>();
    if (at.equals(Position.NONE)) {
      return entries;
    }
    try (var cursor = rows.cursor(prefix)) {
      boolean found = cursor.first();
      while (found) {
        RowKey.Reader reader = new RowKey.Reader(cursor.key()).skipText();
        StateKey key = new StateKey(reader.text(), reader.text());
        if (reader.descending() > at.packed()) {
          found = cursor.seek(version(room, key, at));
          continue;
        }
        eventId(cursor.value()).ifPresent(event -> entries.add(new Entry(key, event)));
        found = nextKey(cursor, versions(room, key));
      }
    }
    return entries;
  }

  private static boolean nextKey(Rows.Cursor cursor, byte[] versions) {
    if (!cursor.next()) {
      return false;
    }
    return startsWith(cursor.key(), versions) ? cursor.seek(RowKey.afterPrefix(versions)) : true;
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static byte[] versions(RoomId room, StateKey key) {
    return RowKey.of(Table.STATE).text(room.value()).text(key.type()).text(key.stateKey()).bytes();
  }

  private static byte[] version(RoomId room, StateKey key, Position at) {
    return RowKey.of(Table.STATE)
        .text(room.value())
        .text(key.type())
        .text(key.stateKey())
        .descending(at.packed())
        .bytes();
  }

  private static Optional<EventId> eventId(byte[] value) {
    return value.length == 0 ? Optional.empty() : Optional.of(new EventId(RowValue.text(value)));
  }
}
