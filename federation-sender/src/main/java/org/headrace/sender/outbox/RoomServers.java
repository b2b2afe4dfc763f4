package org.headrace.sender.outbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.KeyPart;
import org.jspecify.annotations.Nullable;

/**
 * Which servers have joined users in which room: a fold of member events and of the state's
 * changes. Met again after a crash, changes lead to the same end. One thread.
 */
final class RoomServers {
  private static final String EVENT = "e|";
  private static final String USER = "u|";
  private static final String SERVER = "s|";
  private static final String END = "\uffff";
  private static final String JOIN = "join";
  private static final byte[] JOINED = {1};

  private final KeyValueStore<Bytes, byte[]> store;

  RoomServers(KeyValueStore<Bytes, byte[]> store) {
    this.store = store;
  }

  /** Remembers what a member event says, whether or not it is in the state now. */
  void note(RoomId room, EventId event, String membership) {
    put(EVENT + part(room.value()) + part(event.value()), utf8(membership));
  }

  /** What a member event says, if it was noted. */
  Optional<String> membership(RoomId room, EventId event) {
    byte[] noted = get(EVENT + part(room.value()) + part(event.value()));
    return Optional.ofNullable(noted).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /** The state's member event of a user is now this; null: there is none. */
  void set(RoomId room, String user, @Nullable EventId event) {
    String key = USER + part(room.value()) + part(user);
    boolean before = get(key) != null;
    boolean joined = event != null && membership(room, event).filter(JOIN::equals).isPresent();
    if (before == joined) {
      return;
    }
    serverOf(user)
        .ifPresent(
            server -> {
              String count = SERVER + part(room.value()) + part(server.value());
              long users = number(get(count)) + (joined ? 1 : -1);
              put(count, users <= 0 ? null : utf8(Long.toString(users)));
            });
    put(key, joined ? JOINED : null);
  }

  /** Servers with a joined user, by name. */
  List<ServerName> servers(RoomId room) {
    String prefix = SERVER + part(room.value());
    List<ServerName> servers = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> rows = store.range(bytes(prefix), bytes(prefix + END))) {
      while (rows.hasNext()) {
        KeyValue<Bytes, byte[]> row = rows.next();
        String key = new String(row.key.get(), StandardCharsets.UTF_8);
        String name = key.substring(prefix.length(), key.length() - 1);
        servers.add(new ServerName(KeyPart.unescape(name)));
      }
    }
    return servers;
  }

  static Optional<ServerName> serverOf(String user) {
    try {
      return Optional.of(new UserId(user).server());
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  private static String part(String text) {
    return KeyPart.escape(text) + "|";
  }

  private static long number(byte @Nullable [] bytes) {
    return bytes == null ? 0 : Long.parseLong(new String(bytes, StandardCharsets.UTF_8));
  }

  private byte @Nullable [] get(String key) {
    return store.get(bytes(key));
  }

  private void put(String key, byte @Nullable [] value) {
    store.put(bytes(key), value);
  }

  private static Bytes bytes(String key) {
    return Bytes.wrap(utf8(key));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
