package org.headrace.stateres.room;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
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

  @Nullable KnownEvent event(State state, RoomId room, EventId event) {
    String key = RoomKeys.event(room, event);
    byte[] bytes = state.entry(key);
    return bytes == null ? null : parsed(events, key, bytes, KnownEvent.class);
  }

  void putEvent(State state, KnownEvent event) {
    String key = RoomKeys.event(event.room(), event.id());
    byte[] bytes = LogJson.encode(event);
    state.putEntry(key, bytes);
    events.put(key, new Parsed<>(bytes, event));
  }

  /** An event that is named by something known, so it must be there. */
  KnownEvent requireEvent(State state, RoomId room, EventId event) {
    KnownEvent known = event(state, room, event);
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
    return key -> tree.get(root, key).map(event -> requireEvent(state, room, event).pdu());
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
