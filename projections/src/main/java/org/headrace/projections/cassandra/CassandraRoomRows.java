package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.util.ArrayList;
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
import org.headrace.projections.view.RoomsView.Gap;
import org.headrace.projections.view.RoomsView.Room;
import org.headrace.schema.log.Position;

/** Rows of rooms and members in Cassandra. */
final class CassandraRoomRows implements RoomRows {
  private static final String ROOM =
      "SELECT version, last, extremities, members_changed FROM room WHERE room = ?";
  private static final String MEMBERS =
      "SELECT user, member, forgotten FROM member_of_room WHERE room = ?";
  private static final String ROOMS =
      "SELECT room, member, forgotten FROM room_of_user WHERE user = ?";
  private static final String MEMBER = ROOMS + " AND room = ?";
  private static final String NOTED =
      "SELECT member FROM noted_member WHERE user = ? AND room = ? AND position <= ? LIMIT 1";
  private static final String HELD =
      "SELECT position FROM held WHERE room = ? AND position > ? AND position <= ? LIMIT 1";
  private static final String SERVERS =
      "SELECT server FROM joined_of_server WHERE room = ? GROUP BY server";
  private static final String JOINED =
      "SELECT user FROM joined_of_server WHERE room = ? AND server = ? LIMIT ?";
  private static final String USERS =
      "SELECT user FROM user_of_server WHERE room = ? AND server = ? LIMIT ?";
  private static final String GAPS = "SELECT gap, stored FROM gap WHERE room = ?";

  private final Cql cql;

  CassandraRoomRows(Cql cql) {
    this.cql = cql;
  }

  @Override
  public Optional<Room> room(RoomId room) {
    return cql.one(ROOM, room.value())
        .filter(row -> !row.isNull("version"))
        .map(
            row ->
                new Room(
                    room,
                    Cells.text(row, 0),
                    Cells.position(row, "last"),
                    Cells.json(row, "extremities", EventId[].class)
                        .map(List::of)
                        .orElse(List.of())));
  }

  @Override
  public Position membersChanged(RoomId room) {
    return cql.one(ROOM, room.value())
        .map(row -> Cells.position(row, "members_changed"))
        .orElse(Position.NONE);
  }

  @Override
  public Optional<Member> member(RoomId room, UserId user) {
    return cql.one(MEMBER, user.value(), room.value()).flatMap(CassandraRoomRows::member);
  }

  /** Empty where the row says only that the room was forgotten. */
  private static Optional<Member> member(Row row) {
    Position forgotten = Cells.position(row, "forgotten");
    return Cells.json(row, "member", StoredMember.class)
        .map(stored -> new Member(stored, () -> forgotten));
  }

  @Override
  public Map<UserId, Member> members(RoomId room) {
    Map<UserId, Member> members = new LinkedHashMap<>();
    for (Row row : cql.rows(MEMBERS, room.value())) {
      member(row).ifPresent(member -> members.put(new UserId(Cells.text(row, 0)), member));
    }
    return members;
  }

  @Override
  public Map<RoomId, Member> roomsOf(UserId user) {
    Map<RoomId, Member> rooms = new LinkedHashMap<>();
    for (Row row : cql.rows(ROOMS, user.value())) {
      member(row).ifPresent(member -> rooms.put(new RoomId(Cells.text(row, 0)), member));
    }
    return rooms;
  }

  @Override
  public Position forgotten(RoomId room, UserId user) {
    return cql.one(MEMBER, user.value(), room.value())
        .map(row -> Cells.position(row, "forgotten"))
        .orElse(Position.NONE);
  }

  @Override
  public Optional<StoredMember> noted(RoomId room, UserId user, Position at) {
    return cql.one(NOTED, user.value(), room.value(), at.packed())
        .flatMap(row -> Cells.json(row, "member", StoredMember.class));
  }

  @Override
  public boolean isHeldBetween(RoomId room, Position after, Position upTo) {
    return cql.one(HELD, room.value(), after.packed(), upTo.packed()).isPresent();
  }

  @Override
  public SortedSet<ServerName> servers(RoomId room) {
    SortedSet<ServerName> servers = new TreeSet<>();
    for (Row row : cql.rows(SERVERS, room.value())) {
      servers.add(new ServerName(Cells.text(row, 0)));
    }
    return servers;
  }

  @Override
  public boolean isJoined(RoomId room, ServerName server) {
    return cql.one(JOINED, room.value(), server.value(), 1).isPresent();
  }

  @Override
  public List<UserId> joinedOf(RoomId room, ServerName server, int limit) {
    return users(JOINED, room, server, limit);
  }

  @Override
  public List<UserId> usersOf(RoomId room, ServerName server, int limit) {
    return users(USERS, room, server, limit);
  }

  private List<UserId> users(String text, RoomId room, ServerName server, int limit) {
    List<UserId> users = new ArrayList<>();
    for (Row row : cql.rows(text, room.value(), server.value(), limit)) {
      users.add(new UserId(Cells.text(row, 0)));
    }
    return users;
  }

  @Override
  public List<Gap> gaps(RoomId room) {
    List<Gap> gaps = new ArrayList<>();
    for (Row row : cql.rows(GAPS, room.value())) {
      EventId id = new EventId(Cells.text(row, 0));
      Cells.json(row, "stored", StoredGap.class).ifPresent(stored -> gaps.add(stored.gap(id)));
    }
    return gaps;
  }
}
