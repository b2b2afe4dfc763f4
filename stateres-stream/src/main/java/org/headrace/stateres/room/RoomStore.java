package org.headrace.stateres.room;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.state.StateTree;
import org.headrace.schema.log.LogJson;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Heads, events and trees as values, read from and written to a {@link State}. Parsed values are
 * cached beside the bytes they were parsed from and used only for equal bytes, so what a command
 * sees is decided by the state alone. One thread.
 */
final class RoomStore {
  private static final int CACHED_HEADS_MAX = 1024;
  private static final int CACHED_EVENTS_MAX = 4096;

  private final Map<String, Parsed<Head>> heads = new Lru<>(CACHED_HEADS_MAX);
  private final Map<String, Parsed<KnownEvent>> events = new Lru<>(CACHED_EVENTS_MAX);
  private final StateTree trees = new StateTree(hash -> null);

  @Nullable Head head(State state, RoomId room) {
    String key = RoomKeys.head(room);
    byte[] bytes = state.cell(key);
    return bytes == null ? null : parsed(heads, key, bytes, Head.class);
  }

  void putHead(State state, RoomId room, Head head) {
    String key = RoomKeys.head(room);
    byte[] bytes = LogJson.encode(head);
    state.putCell(key, bytes);
    heads.put(key, new Parsed<>(bytes, head));
  }

  /** An event with a state of its own: no outlier. */
  @Nullable KnownEvent event(State state, RoomId room, EventId event) {
    return event(state, RoomKeys.event(room, event));
  }

  /**
   * An event that may be an outlier: enough for auth events and entries of states. One that was
   * accepted as an outlier stays so in these roles, whatever its history says later: states and
   * auth chains that hold it have been accepted.
   */
  @Nullable KnownEvent known(State state, RoomId room, EventId event) {
    KnownEvent full = event(state, room, event);
    if (full != null && !full.isRejected()) {
      return full;
    }
    KnownEvent outlier = outlier(state, room, event);
    return full == null || (outlier != null && !outlier.isRejected()) ? outlier : full;
  }

  /** An event as it is known, whatever it is known by, unless it was rejected. */
  Optional<Pdu> notRejected(State state, RoomId room, EventId event) {
    return Optional.ofNullable(known(state, room, event))
        .filter(known -> !known.isRejected())
        .map(KnownEvent::pdu);
  }

  @Nullable KnownEvent outlier(State state, RoomId room, EventId event) {
    return event(state, RoomKeys.outlier(room, event));
  }

  /**
   * What an event was known as when it comes with a state of its own. What is made here, unless
   * other servers have signed it before, was not known; that is seen without a look.
   */
  @Nullable KnownEvent outlierBefore(State state, RoomId room, Pdu pdu) {
    return pdu.json().path("signatures").isEmpty() ? null : outlier(state, room, pdu.id());
  }

  private @Nullable KnownEvent event(State state, String key) {
    byte[] bytes = state.entry(key);
    return bytes == null ? null : parsed(events, key, bytes, KnownEvent.class);
  }

  void putEvent(State state, KnownEvent event) {
    String key =
        event.isOutlier()
            ? RoomKeys.outlier(event.room(), event.id())
            : RoomKeys.event(event.room(), event.id());
    byte[] bytes = LogJson.encode(event);
    state.putEntry(key, bytes);
    events.put(key, new Parsed<>(bytes, event));
  }

  /** An event that is named by something known, so it must be there. */
  KnownEvent requireEvent(State state, RoomId room, EventId event) {
    return require(event(state, room, event), room, event);
  }

  /** As {@link #requireEvent}, where an outlier will do. */
  KnownEvent requireKnown(State state, RoomId room, EventId event) {
    return require(known(state, room, event), room, event);
  }

  private static KnownEvent require(@Nullable KnownEvent known, RoomId room, EventId event) {
    if (known == null) {
      throw new IllegalStateException("event " + event + " of " + room + " is missing");
    }
    return known;
  }

  StateTree tree(State state) {
    return trees.over(hash -> state.entry(RoomKeys.node(hash)));
  }

  /** A tree that also reads nodes which were only computed so far. */
  StateTree tree(State state, Map<String, byte[]> computed) {
    return trees.over(
        hash -> {
          byte[] node = computed.get(hash);
          return node != null ? node : state.entry(RoomKeys.node(hash));
        });
  }

  /** The state under a root of this tree, as auth rules read it. */
  StateLookup lookup(State state, StateTree tree, RoomId room, String root) {
    return key -> tree.get(root, key).map(event -> requireKnown(state, room, event).pdu());
  }

  @Nullable Joining joining(State state, RoomId room) {
    return cell(state, RoomKeys.joining(room), Joining.class);
  }

  @Nullable Upgrade upgrade(State state, RoomId room) {
    return cell(state, RoomKeys.upgrade(room), Upgrade.class);
  }

  @Nullable Gap gap(State state, RoomId room, EventId gapId) {
    return cell(state, RoomKeys.gap(room, gapId), Gap.class);
  }

  /** The open gaps, by id. */
  List<Gap> gaps(State state, RoomId room) {
    return state.cells(RoomKeys.gaps(room), Gap.GAPS_MAX).values().stream()
        .map(bytes -> LogJson.decode(bytes, Gap.class))
        .toList();
  }

  @Nullable Minted minted(State state, RoomId room, EventId event) {
    return cell(state, RoomKeys.minted(room, event), Minted.class);
  }

  @Nullable Remembered remembered(State state, RoomId room, UserId user) {
    return cell(state, RoomKeys.remembered(room, user), Remembered.class);
  }

  private static <T> @Nullable T cell(State state, String key, Class<T> type) {
    byte[] bytes = state.cell(key);
    return bytes == null ? null : LogJson.decode(bytes, type);
  }

  Optional<SeenCommand> seen(State state, RoomId room, String kind, String commandId) {
    return Optional.ofNullable(state.entry(RoomKeys.command(room, kind, commandId)))
        .map(bytes -> LogJson.decode(bytes, SeenCommand.class));
  }

  private static <T> T parsed(
      Map<String, Parsed<T>> cache, String key, byte[] bytes, Class<T> type) {
    Parsed<T> cached = cache.get(key);
    if (cached != null && (cached.bytes() == bytes || Arrays.equals(cached.bytes(), bytes))) {
      return cached.value();
    }
    T value = LogJson.decode(bytes, type);
    cache.put(key, new Parsed<>(bytes, value));
    return value;
  }

  /** A value and its bytes. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by content, in parsed.
  private record Parsed<T>(byte[] bytes, T value) {}

  /** Keeps what was used last. */
  private static final class Lru<V extends Object> extends LinkedHashMap<String, V> {
    private final int sizeMax;

    Lru(int sizeMax) {
      super(16, 0.75f, true);
      this.sizeMax = sizeMax;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > sizeMax;
    }
  }
}
