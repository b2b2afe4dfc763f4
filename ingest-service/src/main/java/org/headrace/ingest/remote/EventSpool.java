package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.call.RoomStateSink;
import org.jspecify.annotations.Nullable;

/**
 * The events of a room's state and auth chain as they arrive: on the disk, since a large room's do
 * not fit into the memory of a small server, with their ids and auth events in memory. For one
 * thread at a time.
 */
final class EventSpool implements RoomStateSink, AutoCloseable {
  /** Events of one room's state with its auth chain. */
  static final int EVENTS_MAX = 1_000_000;

  private final RoomVersion version;
  private final RoomId room;
  private final Path file;
  private final FileChannel channel;
  private final OutputStream out;
  private final Map<EventId, Spooled> events = new LinkedHashMap<>();
  private long written;
  private @Nullable Pdu create;

  /** One event; {@code inState}: an entry of the state. */
  static final class Spooled {
    private final EventId id;
    private final @Nullable StateKey key;
    private final List<EventId> judgedBy;
    private final long offset;
    private final int bytes;
    private boolean inState;

    private Spooled(Pdu pdu, RoomVersion version, long offset, int bytes) {
      this.id = pdu.id();
      this.key = pdu.stateKey().map(stateKey -> new StateKey(pdu.type(), stateKey)).orElse(null);
      this.judgedBy = EventOrder.judgedBy(pdu, version);
      this.offset = offset;
      this.bytes = bytes;
    }

    EventId id() {
      return id;
    }

    /** The entry of the state that it is, if it is a state event. */
    Optional<StateKey> key() {
      return Optional.ofNullable(key);
    }

    int bytes() {
      return bytes;
    }

    boolean inState() {
      return inState;
    }
  }

  EventSpool(RoomVersion version, RoomId room) throws IOException {
    this.version = version;
    this.room = room;
    file = Files.createTempFile("headrace-join", ".events");
    channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    out = new BufferedOutputStream(Channels.newOutputStream(channel));
  }

  @Override
  public void authEvent(ObjectNode pdu) {
    add(pdu, false);
  }

  @Override
  public void stateEvent(ObjectNode pdu) {
    add(pdu, true);
  }

  /** Takes an event of valid form, of this room; drops any other. */
  private void add(ObjectNode json, boolean inState) {
    json.remove("unsigned");
    if (!(PduChecks.form(json, version, room) instanceof PduChecks.Result.Valid(Pdu pdu))) {
      return;
    }
    Spooled known = events.get(pdu.id());
    if (known == null) {
      if (events.size() >= EVENTS_MAX) {
        throw new InvalidJsonException("a room's state has too many events");
      }
      byte[] bytes = Json.bytes(json);
      try {
        out.write(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      known = new Spooled(pdu, version, written, bytes.length);
      written += bytes.length;
      events.put(pdu.id(), known);
    }
    known.inState |= inState;
    if (inState && pdu.is("m.room.create", "")) {
      create = pdu;
    }
  }

  /** The create event of the state. */
  Optional<Pdu> create() {
    return Optional.ofNullable(create);
  }

  /** All events, each after those that it is judged by and that are here. */
  List<Spooled> ordered() {
    return EventOrder.of(events, event -> event.judgedBy);
  }

  ObjectNode read(Spooled event) throws IOException {
    out.flush();
    ByteBuffer buffer = ByteBuffer.allocate(event.bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, event.offset + buffer.position()) < 0) {
        throw new IOException("the spool of a join is cut off");
      }
    }
    return Json.parseObject(buffer.array());
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
