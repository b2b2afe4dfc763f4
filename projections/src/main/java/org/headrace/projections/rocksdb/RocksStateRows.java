package org.headrace.projections.rocksdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.projections.rows.StateRows;
import org.headrace.projections.view.StateView.Change;
import org.headrace.projections.view.StateView.Entry;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** Rows of states in RocksDB: the versions of an entry lie side by side, newest first. */
final class RocksStateRows implements StateRows {
  private final Rows rows;

  RocksStateRows(Rows rows) {
    this.rows = rows;
  }

  @Override
  public Optional<Version> version(RoomId room, StateKey key, Position at) {
    byte[] to = RowKey.afterPrefix(versions(room, key));
    try (var cursor = rows.cursor(versionKey(room, key, at), to)) {
      if (!cursor.first()) {
        return Optional.empty();
      }
      long position = new RowKey.Reader(cursor.key()).skipText().skipText().skipText().descending();
      return Optional.of(new Version(new Position(position), eventId(cursor.value())));
    }
  }

  /** The newest version of each entry that is not after the position; jumps over all others. */
  @Override
  public List<Entry> entries(RoomId room, @Nullable String type, Position at) {
    RowKey prefix = RowKey.of(Table.STATE).text(room.value());
    List<Entry> entries = new ArrayList<>();
    try (var cursor = rows.cursor((type == null ? prefix : prefix.text(type)).bytes())) {
      boolean found = cursor.first();
      while (found) {
        RowKey.Reader reader = new RowKey.Reader(cursor.key()).skipText();
        StateKey key = new StateKey(reader.text(), reader.text());
        if (reader.descending() > at.packed()) {
          found = cursor.seek(versionKey(room, key, at));
          continue;
        }
        EventId event = eventId(cursor.value());
        if (event != null) {
          entries.add(new Entry(key, event));
        }
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

  @Override
  public List<Change> changes(RoomId room, Position after, Position upTo) {
    List<Change> changes = new ArrayList<>();
    try (var cursor =
        rows.cursor(
            RowKey.of(Table.STATE_CHANGE).text(room.value()).number(after.packed() + 1).bytes(),
            RowKey.of(Table.STATE_CHANGE).text(room.value()).number(upTo.packed() + 1).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        RowKey.Reader key = new RowKey.Reader(cursor.key()).skipText();
        Position position = new Position(key.number());
        changes.add(
            new Change(
                position,
                new StateKey(key.text(), key.text()),
                Optional.ofNullable(eventId(cursor.value()))));
      }
    }
    return changes;
  }

  @Override
  public Optional<Told> before(RoomId room, EventId event, StateKey key) {
    byte[] value = rows.get(ofEvent(room, event).text(key.type()).text(key.stateKey()).bytes());
    return value == null ? Optional.empty() : Optional.of(new Told(eventId(value)));
  }

  @Override
  public Map<StateKey, Told> before(RoomId room, EventId event) {
    Map<StateKey, Told> told = new LinkedHashMap<>();
    try (var cursor = rows.cursor(ofEvent(room, event).bytes())) {
      for (boolean found = cursor.first(); found; found = cursor.next()) {
        RowKey.Reader reader = new RowKey.Reader(cursor.key()).skipText().skipText();
        told.put(new StateKey(reader.text(), reader.text()), new Told(eventId(cursor.value())));
      }
    }
    return told;
  }

  @Override
  public Optional<Told> past(RoomId room, StateKey key, long place, long top) {
    byte[] to = RowKey.afterPrefix(ofPast(room, key).number(top).bytes());
    try (var cursor = rows.cursor(ofPast(room, key).number(place).bytes(), to)) {
      return cursor.first() ? Optional.of(new Told(eventId(cursor.value()))) : Optional.empty();
    }
  }

  @Override
  public Map<StateKey, Told> past(RoomId room, long place, long top) {
    Map<StateKey, Told> told = new LinkedHashMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.PAST).text(room.value()).bytes())) {
      boolean found = cursor.first();
      while (found) {
        RowKey.Reader reader = new RowKey.Reader(cursor.key()).skipText();
        StateKey key = new StateKey(reader.text(), reader.text());
        long at = reader.number();
        if (at < place) {
          found = cursor.seek(ofPast(room, key).number(place).bytes());
          continue;
        }
        if (at <= top) {
          told.put(key, new Told(eventId(cursor.value())));
        }
        found = cursor.seek(RowKey.afterPrefix(ofPast(room, key).bytes()));
      }
    }
    return told;
  }

  @Override
  public long gapTop(RoomId room, long place) {
    byte[] gap;
    RowKey from = RowKey.of(Table.GAP_AT).text(room.value()).number(place);
    byte[] to = RowKey.afterPrefix(RowKey.of(Table.GAP_AT).text(room.value()).bytes());
    try (var cursor = rows.cursor(from.bytes(), to)) {
      if (!cursor.first()) {
        return place;
      }
      gap = cursor.value();
    }
    byte[] ceilings =
        RowKey.of(Table.GAP_CEILING).text(room.value()).text(RowValue.text(gap)).bytes();
    try (var cursor = rows.cursor(ceilings)) {
      return cursor.first()
          ? new RowKey.Reader(cursor.key()).skipText().skipText().descending()
          : place;
    }
  }

  private static RowKey ofEvent(RoomId room, EventId event) {
    return RowKey.of(Table.BEFORE).text(room.value()).text(event.value());
  }

  private static RowKey ofPast(RoomId room, StateKey key) {
    return RowKey.of(Table.PAST).text(room.value()).text(key.type()).text(key.stateKey());
  }

  private static byte[] versions(RoomId room, StateKey key) {
    return RowKey.of(Table.STATE).text(room.value()).text(key.type()).text(key.stateKey()).bytes();
  }

  private static byte[] versionKey(RoomId room, StateKey key, Position at) {
    return RowKey.of(Table.STATE)
        .text(room.value())
        .text(key.type())
        .text(key.stateKey())
        .descending(at.packed())
        .bytes();
  }

  private static @Nullable EventId eventId(byte[] value) {
    return value.length == 0 ? null : new EventId(RowValue.text(value));
  }
}
