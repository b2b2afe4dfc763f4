package org.headrace.projections.rows;

import java.util.ArrayList;
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

/** The current state of any position, and the state before any event. */
public final class RowsStateView implements StateView {
  private static final String LEAVE = "leave";

  private final StateRows rows;
  private final EventRows events;

  public RowsStateView(StateRows rows, EventRows events) {
    this.rows = rows;
    this.events = events;
  }

  @Override
  public Optional<EventId> entry(RoomId room, StateKey key, Position at) {
    return at.equals(Position.NONE)
        ? Optional.empty()
        : rows.version(room, key, at).map(StateRows.Version::event);
  }

  @Override
  public List<Entry> ofType(RoomId room, String type, Position at) {
    return at.equals(Position.NONE) ? List.of() : rows.entries(room, type, at);
  }

  @Override
  public List<Entry> all(RoomId room, Position at) {
    return at.equals(Position.NONE) ? List.of() : rows.entries(room, null, at);
  }

  @Override
  public List<Change> changes(RoomId room, Position after, Position upTo) {
    return after.isAfter(upTo) ? List.of() : rows.changes(room, after, upTo);
  }

  @Override
  public Optional<EventId> entryBefore(RoomId room, EventId event, StateKey key) {
    EventId at = event;
    StoredEvent of = inPlace(room, event);
    while (of != null) {
      Source source = source(room, at, of);
      Optional<StateRows.Told> told = source.entry(key);
      if (told.isPresent()) {
        return told.get().id();
      }
      EventId base = source.base();
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
    SortedMap<StateKey, StateRows.Told> all = new TreeMap<>();
    EventId at = event;
    StoredEvent of = inPlace(room, event);
    while (of != null) {
      Source source = source(room, at, of);
      source.entries().forEach(all::putIfAbsent);
      EventId base = source.base();
      if (base == null) {
        all(room, before(of))
            .forEach(entry -> all.putIfAbsent(entry.key(), new StateRows.Told(entry.eventId())));
        break;
      }
      at = base;
      of = next(room, base, of);
    }
    List<Entry> entries = new ArrayList<>();
    all.forEach((key, told) -> told.id().ifPresent(id -> entries.add(new Entry(key, id))));
    return entries;
  }

  /**
   * What an event's rows tell of the state before it; the rest is told by the state before {@code
   * base}, or by the room's current state before the event's record if that is null.
   */
  private interface Source {
    @Nullable EventId base();

    /** Empty: these rows do not tell. */
    Optional<StateRows.Told> entry(StateKey key);

    Map<StateKey, StateRows.Told> entries();
  }

  private Source source(RoomId room, EventId event, StoredEvent stored) {
    Long place = stored.place();
    return stored.isBackfilled() && stored.base() != null && place != null
        ? past(room, place, stored.base())
        : new Own(room, event, stored.base());
  }

  /** Backfilled events are told newest first, from the gap's frontier down. */
  private Source past(RoomId room, long place, EventId base) {
    long top = rows.gapTop(room, place);
    EventId frontier =
        events.byPlace(room, place - 1, top, 1, true).stream()
            .findFirst()
            .flatMap(highest -> events.event(room, highest))
            .map(StoredEvent::base)
            .orElse(base);
    return new Past(room, place, top, frontier);
  }

  private @Nullable StoredEvent inPlace(RoomId room, EventId event) {
    return events.event(room, event).filter(stored -> !stored.outlier()).orElse(null);
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
  private final class Own implements Source {
    private final RoomId room;
    private final EventId event;
    private final @Nullable EventId base;

    Own(RoomId room, EventId event, @Nullable EventId base) {
      this.room = room;
      this.event = event;
      this.base = base;
    }

    @Override
    public @Nullable EventId base() {
      return base;
    }

    @Override
    public Optional<StateRows.Told> entry(StateKey key) {
      return rows.before(room, event, key);
    }

    @Override
    public Map<StateKey, StateRows.Told> entries() {
      return rows.before(room, event);
    }
  }

  /** The rows at a place of a gap and above, up to its top. */
  private final class Past implements Source {
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

    @Override
    public Optional<StateRows.Told> entry(StateKey key) {
      return rows.past(room, key, place, top);
    }

    @Override
    public Map<StateKey, StateRows.Told> entries() {
      return rows.past(room, place, top);
    }
  }

  /** The user's member event in the state at a position, with where it became that. */
  Optional<StoredMember> member(RoomId room, UserId user, Position at) {
    return rows.version(room, StateKey.member(user.value()), at)
        .map(
            version -> {
              EventId event = version.event();
              String membership =
                  event == null
                      ? LEAVE
                      : events.event(room, event).map(StoredEvent::membership).orElse(LEAVE);
              return new StoredMember(version.position(), event, membership, false);
            });
  }
}
