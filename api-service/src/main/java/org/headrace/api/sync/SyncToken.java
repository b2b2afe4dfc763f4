package org.headrace.api.sync;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.schema.log.Position;

/**
 * How far a client has read: a vector of positions, packed small and opaque to clients. A partition
 * that it lacks was not read at all ({@link Position#NONE}).
 *
 * @param rooms by partition of the room topics
 * @param items how far account data was read
 * @param toDevice how far to-device messages were read; behind {@code items} when many wait
 * @param typing rooms in which somebody was shown typing: hash of the room id to hash of who types,
 *     so that an expiry, which is no record, is seen too
 * @param presence how far presence was told, and when
 */
public record SyncToken(
    SortedMap<Integer, RoomPositions> rooms,
    Position account,
    Position items,
    Position toDevice,
    SortedMap<Integer, Integer> typing,
    Presences presence) {

  /**
   * Positions of presence by partition of accounts, and the time up to which it was told who went
   * offline, milliseconds since 1970.
   */
  public record Presences(SortedMap<Integer, Position> reached, long seenTs) {
    static final Presences NONE = new Presences(new TreeMap<>(), 0);

    public Presences {
      reached = Collections.unmodifiableSortedMap(new TreeMap<>(reached));
    }

    Position reached(int partition) {
      return reached.getOrDefault(partition, Position.NONE);
    }
  }

  /** Positions of one partition of room.log, typing and receipts. */
  public record RoomPositions(Position log, Position typing, Position receipts) {
    static final RoomPositions NONE =
        new RoomPositions(Position.NONE, Position.NONE, Position.NONE);

    /** The later of both, member by member: a reader never goes back. */
    RoomPositions max(RoomPositions other) {
      return new RoomPositions(
          SyncToken.max(log, other.log),
          SyncToken.max(typing, other.typing),
          SyncToken.max(receipts, other.receipts));
    }
  }

  /** Nothing was read. */
  public static final SyncToken START =
      new SyncToken(
          new TreeMap<>(),
          Position.NONE,
          Position.NONE,
          Position.NONE,
          new TreeMap<>(),
          Presences.NONE);

  /** Longest token that is decoded, in characters. */
  static final int TOKEN_CHARS_MAX = 16_384;

  /** Rooms whose typing is remembered; in others, only new typing is told. */
  static final int TYPING_ROOMS_MAX = 32;

  private static final int PARTITIONS_MAX = 1_024;
  private static final byte VERSION = 1;
  private static final char PREFIX = 's';
  private static final int VARINT_BYTES_MAX = 10;

  public SyncToken {
    rooms = Collections.unmodifiableSortedMap(new TreeMap<>(rooms));
    typing = Collections.unmodifiableSortedMap(new TreeMap<>(typing));
  }

  /** The positions of a partition of the room topics. */
  public RoomPositions room(int partition) {
    return rooms.getOrDefault(partition, RoomPositions.NONE);
  }

  static Position max(Position one, Position other) {
    return one.isAfter(other) ? one : other;
  }

  public String encode() {
    int numbers = 7 + 4 * rooms.size() + 2 * typing.size() + 2 * presence.reached().size();
    int bytesMax = 1 + VARINT_BYTES_MAX * numbers;
    ByteBuffer out = ByteBuffer.allocate(bytesMax);
    out.put(VERSION);
    put(out, account);
    put(out, items);
    put(out, toDevice);
    putVarint(out, rooms.size());
    for (Map.Entry<Integer, RoomPositions> entry : rooms.entrySet()) {
      putVarint(out, entry.getKey());
      put(out, entry.getValue().log());
      put(out, entry.getValue().typing());
      put(out, entry.getValue().receipts());
    }
    putVarint(out, typing.size());
    for (Map.Entry<Integer, Integer> entry : typing.entrySet()) {
      putVarint(out, Integer.toUnsignedLong(entry.getKey()));
      putVarint(out, Integer.toUnsignedLong(entry.getValue()));
    }
    if (!presence.equals(Presences.NONE)) {
      putVarint(out, presence.seenTs());
      putVarint(out, presence.reached().size());
      presence
          .reached()
          .forEach(
              (partition, position) -> {
                putVarint(out, partition);
                put(out, position);
              });
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Empty if the text is no token of ours. */
  public static Optional<SyncToken> decode(String text) {
    if (text.isEmpty() || text.charAt(0) != PREFIX || text.length() > TOKEN_CHARS_MAX) {
      return Optional.empty();
    }
    try {
      ByteBuffer in = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text.substring(1)));
      return in.get() == VERSION ? Optional.of(read(in)) : Optional.empty();
    } catch (IllegalArgumentException | java.nio.BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private static SyncToken read(ByteBuffer in) {
    Position account = position(in);
    Position items = position(in);
    Position toDevice = position(in);
    TreeMap<Integer, RoomPositions> rooms = new TreeMap<>();
    for (int left = bounded(in, PARTITIONS_MAX); left > 0; left--) {
      int partition = bounded(in, PARTITIONS_MAX);
      rooms.put(partition, new RoomPositions(position(in), position(in), position(in)));
    }
    TreeMap<Integer, Integer> typing = new TreeMap<>();
    for (int left = bounded(in, TYPING_ROOMS_MAX); left > 0; left--) {
      typing.put((int) varint(in), (int) varint(in));
    }
    Presences presence = in.hasRemaining() ? presence(in) : Presences.NONE;
    if (in.hasRemaining()) {
      throw new IllegalArgumentException("more than a token");
    }
    return new SyncToken(rooms, account, items, toDevice, typing, presence);
  }

  private static Presences presence(ByteBuffer in) {
    long seenTs = varint(in);
    if (seenTs < 0) {
      throw new IllegalArgumentException("out of bounds");
    }
    TreeMap<Integer, Position> reached = new TreeMap<>();
    for (int left = bounded(in, PARTITIONS_MAX); left > 0; left--) {
      reached.put(bounded(in, PARTITIONS_MAX), position(in));
    }
    return new Presences(reached, seenTs);
  }

  private static int bounded(ByteBuffer in, int max) {
    long value = varint(in);
    if (value < 0 || value > max) {
      throw new IllegalArgumentException("out of bounds");
    }
    return (int) value;
  }

  private static void put(ByteBuffer out, Position position) {
    putVarint(out, position.packed() + 1);
  }

  private static Position position(ByteBuffer in) {
    return new Position(varint(in) - 1);
  }

  private static void putVarint(ByteBuffer out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.put((byte) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 7 * VARINT_BYTES_MAX; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a varint has ten bytes at most");
  }
}
