package org.headrace.projections.rocksdb;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.StateView;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** State by position: the versions of an entry lie side by side, newest first. */
final class RocksStateView implements StateView {
  private static final String LEAVE = "leave";

  private final Rows rows;
  private final RocksTimelineView events;

  RocksStateView(Rows rows, RocksTimelineView events) {
    this.rows = rows;
    this.events = events;
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

  @Override
  public Optional<EventId> entryBefore(RoomId room, EventId event, StateKey key) {
    EventId at = event;
    StoredEvent of = inPlace(room, event);
    while (of != null) {
      Told told = told(room, at, of);
      byte[] own = told.entry(key);
      if (own != null) {
        return eventId(own);
      }
      EventId base = told.base();
      if (base == null) {
        return entry(room, key, before(of));
      }
      at = base;
      of = next(room, base, of);
    }
    return Optional.empty();
  }

  @Override
  public List<Entry> allBefore(RoomId room, EventId event) {
    SortedMap<StateKey, Optional<EventId>> all = new TreeMap<>();
    EventId at = event;
    StoredEvent of = inPlace(room, event);
    while (of != null) {
      Told told = told(room, at, of);
      told.entries(all);
      EventId base = told.base();
      if (base == null) {
        all(room, before(of))
            .forEach(entry -> all.putIfAbsent(entry.key(), Optional.of(entry.eventId())));
        break;
      }
      at = base;
      of = next(room, base, of);
    }
    List<Entry> entries = new ArrayList<>();
    all.forEach((key, found) -> found.ifPresent(id -> entries.add(new Entry(key, id))));
    return entries;
  }

  /**
   * What an event's rows tell of the state before it; the rest is told by the state before {@code
   * base}, or by the room's current state before the event's record if that is null.
   */
  private interface Told {
    @Nullable EventId base();

    /** The entry, empty if the state has none; null: these rows do not tell. */
    byte @Nullable [] entry(StateKey key);

    /** Adds what was not told before. */
    void entries(Map<StateKey, Optional<EventId>> into);
  }

  private Told told(RoomId room, EventId event, StoredEvent stored) {
    Long place = stored.place();
    return stored.isBackfilled() && stored.base() != null && place != null
        ? past(room, place, stored.base())
        : new Own(room, event, stored.base());
  }

  /** Backfilled events are told newest first, from the gap's frontier down. */
  private Told past(RoomId room, long place, EventId base) {
    long top = gapTop(room, place);
    EventId frontier =
        events
            .highest(room, place - 1, top)
            .flatMap(highest -> events.stored(room, highest))
            .map(StoredEvent::base)
            .orElse(base);
    return new Past(room, place, top, frontier);
  }

  /** The highest place of the gap that has this place; the place itself if no gap has it. */
  private long gapTop(RoomId room, long place) {
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

  private @Nullable StoredEvent inPlace(RoomId room, EventId event) {
    return events.stored(room, event).filter(stored -> !stored.outlier()).orElse(null);
  }

  /** A state is told by an earlier record's: what does not go back would have no end. */
  private @Nullable StoredEvent next(RoomId room, EventId base, StoredEvent of) {
    StoredEvent next = inPlace(room, base);
    if (next != null && !of.position().isAfter(next.position())) {
      throw new IllegalStateException("the state before " + base + " is told by itself");
    }
    return next;
  }

  private static Position before(StoredEvent event) {
    return new Position(Math.max(-1, event.position().packed() - 1));
  }

  /** The rows of one event. */
  private final class Own implements Told {
    private final byte[] prefix;
    private final RoomId room;
    private final EventId event;
    private final @Nullable EventId base;

    Own(RoomId room, EventId event, @Nullable EventId base) {
      this.room = room;
      this.event = event;
      this.base = base;
      prefix = key().bytes();
    }

    private RowKey key() {
      return RowKey.of(Table.BEFORE).text(room.value()).text(event.value());
    }

    @Override
    public @Nullable EventId base() {
      return base;
    }

    @Override
    public byte @Nullable [] entry(StateKey key) {
      return rows.get(key().text(key.type()).text(key.stateKey()).bytes());
    }

    @Override
    public void entries(Map<StateKey, Optional<EventId>> into) {
      try (var cursor = rows.cursor(prefix)) {
        for (boolean found = cursor.first(); found; found = cursor.next()) {
          RowKey.Reader reader = new RowKey.Reader(cursor.key()).skipText().skipText();
          into.putIfAbsent(new StateKey(reader.text(), reader.text()), eventId(cursor.value()));
        }
      }
    }
  }

  /** The rows at a place of a gap and above, up to its top. */
  private final class Past implements Told {
    private final RoomId room;
    private final long place;
    private final long top;
    private final EventId frontier;

    Past(RoomId room, long place, long top, EventId frontier) {
      this.room = room;
      this.place = place;
      this.top = top;
      this.frontier = frontier;
    }

    @Override
    public EventId base() {
      return frontier;
    }

    private RowKey key(StateKey key) {
      return RowKey.of(Table.PAST).text(room.value()).text(key.type()).text(key.stateKey());
    }

    @Override
    public byte @Nullable [] entry(StateKey key) {
      byte[] to = RowKey.afterPrefix(key(key).number(top).bytes());
      try (var cursor = rows.cursor(key(key).number(place).bytes(), to)) {
        return cursor.first() ? cursor.value() : null;
      }
    }

    @Override
    public void entries(Map<StateKey, Optional<EventId>> into) {
      try (var cursor = rows.cursor(RowKey.of(Table.PAST).text(room.value()).bytes())) {
        boolean found = cursor.first();
        while (found) {
          RowKey.Reader reader = new RowKey.Reader(cursor.key()).skipText();
          StateKey key = new StateKey(reader.text(), reader.text());
          long at = reader.number();
          if (at < place) {
            found = cursor.seek(key(key).number(place).bytes());
            continue;
          }
          if (at <= top) {
            into.putIfAbsent(key, eventId(cursor.value()));
          }
          found = cursor.seek(RowKey.afterPrefix(key(key).bytes()));
        }
      }
    }
  }

  /** The user's member event in the state at a position, with where it became that. */
  @Nullable StoredMember member(RoomId room, UserId user, Position at) {
    StateKey key = StateKey.member(user.value());
    try (var cursor =
        rows.cursor(version(room, key, at), RowKey.afterPrefix(versions(room, key)))) {
      if (!cursor.first()) {
        return null;
      }
      Position position =
          new Position(
              new RowKey.Reader(cursor.key()).skipText().skipText().skipText().descending());
      EventId event = eventId(cursor.value()).orElse(null);
      String membership =
          event == null
              ? LEAVE
              : events
                  .stored(room, event)
                  .map(stored -> stored.skeleton().path("content").path("membership").asText(LEAVE))
                  .orElse(LEAVE);
      return new StoredMember(position, event, membership, false);
    }
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
