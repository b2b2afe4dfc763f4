package org.headrace.projections.rocksdb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.rows.RoomRows;
import org.headrace.projections.rows.StoredGap;
import org.headrace.projections.rows.StoredMember;
import org.headrace.projections.rows.StoredRoom;
import org.headrace.projections.view.RoomsView.Gap;
import org.headrace.projections.view.RoomsView.Room;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;

/** Rows of rooms and members in RocksDB. */
final class RocksRoomRows implements RoomRows {
  private final Rows rows;

  RocksRoomRows(Rows rows) {
    this.rows = rows;
  }

  @Override
  public Optional<Room> room(RoomId room) {
    byte[] value = rows.get(RowKey.of(Table.ROOM).text(room.value()).bytes());
    if (value == null) {
      return Optional.empty();
    }
    StoredRoom stored = LogJson.decode(value, StoredRoom.class);
    byte[] extremities = rows.get(RowKey.of(Table.EXTREMITIES).text(room.value()).bytes());
    return Optional.of(
        new Room(
            room,
            stored.roomVersion(),
            position(RowKey.of(Table.ROOM_LAST).text(room.value())),
            extremities == null
                ? List.of()
                : List.of(LogJson.decode(extremities, EventId[].class))));
  }

  @Override
  public Position membersChanged(RoomId room) {
    return position(RowKey.of(Table.MEMBERS_CHANGED).text(room.value()));
  }

  @Override
  public Optional<Member> member(RoomId room, UserId user) {
    byte[] value =
        rows.get(RowKey.of(Table.ROOM_OF_USER).text(user.value()).text(room.value()).bytes());
    return value == null ? Optional.empty() : Optional.of(member(room, user, value));
  }

  @Override
  public Map<UserId, Member> members(RoomId room) {
    Map<UserId, Member> found = new LinkedHashMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.MEMBER_OF_ROOM).text(room.value()).bytes())) {
      for (boolean more = cursor.first(); more; more = cursor.next()) {
        UserId user = new UserId(new RowKey.Reader(cursor.key()).skipText().text());
        found.put(user, member(room, user, cursor.value()));
      }
    }
    return found;
  }

  private Member member(RoomId room, UserId user, byte[] value) {
    return new Member(LogJson.decode(value, StoredMember.class), () -> forgotten(room, user));
  }

  @Override
  public Map<RoomId, Member> roomsOf(UserId user) {
    Map<RoomId, Position> forgotten = forgottenBy(user);
    Map<RoomId, Member> found = new LinkedHashMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.ROOM_OF_USER).text(user.value()).bytes())) {
      for (boolean more = cursor.first(); more; more = cursor.next()) {
        RoomId room = new RoomId(new RowKey.Reader(cursor.key()).skipText().text());
        Position position = forgotten.getOrDefault(room, Position.NONE);
        found.put(
            room, new Member(LogJson.decode(cursor.value(), StoredMember.class), () -> position));
      }
    }
    return found;
  }

  private Map<RoomId, Position> forgottenBy(UserId user) {
    Map<RoomId, Position> forgotten = new HashMap<>();
    try (var cursor = rows.cursor(RowKey.of(Table.FORGOTTEN).text(user.value()).bytes())) {
      for (boolean more = cursor.first(); more; more = cursor.next()) {
        forgotten.put(
            new RoomId(new RowKey.Reader(cursor.key()).skipText().text()),
            RowValue.position(cursor.value()));
      }
    }
    return forgotten;
  }

  @Override
  public Position forgotten(RoomId room, UserId user) {
    return position(RowKey.of(Table.FORGOTTEN).text(user.value()).text(room.value()));
  }

  @Override
  public Optional<StoredMember> noted(RoomId room, UserId user, Position at) {
    RowKey all = RowKey.of(Table.NOTED_MEMBER).text(user.value()).text(room.value());
    byte[] to = RowKey.afterPrefix(all.bytes());
    try (var cursor = rows.cursor(all.descending(at.packed()).bytes(), to)) {
      return cursor.first()
          ? Optional.of(LogJson.decode(cursor.value(), StoredMember.class))
          : Optional.empty();
    }
  }

  @Override
  public boolean isHeldBetween(RoomId room, Position after, Position upTo) {
    byte[] from = RowKey.of(Table.HELD).text(room.value()).descending(upTo.packed()).bytes();
    byte[] to = RowKey.of(Table.HELD).text(room.value()).descending(after.packed()).bytes();
    try (var cursor = rows.cursor(from, to)) {
      return cursor.first();
    }
  }

  @Override
  public SortedSet<ServerName> servers(RoomId room) {
    SortedSet<ServerName> servers = new TreeSet<>();
    try (var cursor = rows.cursor(RowKey.of(Table.JOINED_OF_SERVER).text(room.value()).bytes())) {
      boolean found = cursor.first();
      while (found) {
        String server = new RowKey.Reader(cursor.key()).skipText().text();
        servers.add(new ServerName(server));
        found = cursor.seek(RowKey.afterPrefix(joined(room, server)));
      }
    }
    return servers;
  }

  @Override
  public boolean isJoined(RoomId room, ServerName server) {
    try (var cursor = rows.cursor(joined(room, server.value()))) {
      return cursor.first();
    }
  }

  @Override
  public List<UserId> joinedOf(RoomId room, ServerName server, int limit) {
    return users(joined(room, server.value()), limit);
  }

  @Override
  public List<UserId> usersOf(RoomId room, ServerName server, int limit) {
    return users(
        RowKey.of(Table.USER_OF_SERVER).text(room.value()).text(server.value()).bytes(), limit);
  }

  private List<UserId> users(byte[] prefix, int limit) {
    List<UserId> users = new ArrayList<>();
    try (var cursor = rows.cursor(prefix)) {
      for (boolean more = cursor.first(); more && users.size() < limit; more = cursor.next()) {
        users.add(new UserId(new RowKey.Reader(cursor.key()).skipText().skipText().text()));
      }
    }
    return users;
  }

  private static byte[] joined(RoomId room, String server) {
    return RowKey.of(Table.JOINED_OF_SERVER).text(room.value()).text(server).bytes();
  }

  @Override
  public List<Gap> gaps(RoomId room) {
    List<Gap> gaps = new ArrayList<>();
    try (var cursor = rows.cursor(RowKey.of(Table.GAP).text(room.value()).bytes())) {
      for (boolean more = cursor.first(); more; more = cursor.next()) {
        EventId id = new EventId(new RowKey.Reader(cursor.key()).skipText().text());
        gaps.add(LogJson.decode(cursor.value(), StoredGap.class).gap(id));
      }
    }
    return gaps;
  }

  private Position position(RowKey key) {
    byte[] value = rows.get(key.bytes());
    return value == null ? Position.NONE : RowValue.position(value);
  }
}
