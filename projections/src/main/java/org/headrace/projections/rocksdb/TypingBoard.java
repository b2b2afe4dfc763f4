package org.headrace.projections.rocksdb;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.TypingRecord;

/** Who types where; in memory only, since deadlines are seconds away. Safe for many threads. */
final class TypingBoard {
  private static final int ROOMS_MAX = 50_000;

  private final Map<RoomId, Room> rooms =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RoomId, Room> eldest) {
          return size() > ROOMS_MAX;
        }
      };

  synchronized void put(Position position, TypingRecord typing) {
    Room room = rooms.computeIfAbsent(typing.roomId(), id -> new Room());
    room.changed = position;
    if (typing.untilTs() == 0) {
      room.until.remove(typing.user());
    } else {
      room.until.put(typing.user(), typing.untilTs());
    }
  }

  synchronized EphemeralView.Typing typing(RoomId id, long nowTs) {
    Room room = rooms.get(id);
    if (room == null) {
      return new EphemeralView.Typing(List.of(), Position.NONE);
    }
    room.until.values().removeIf(until -> until <= nowTs);
    return new EphemeralView.Typing(List.copyOf(room.until.keySet()), room.changed);
  }

  synchronized void clear() {
    rooms.clear();
  }

  private static final class Room {
    final TreeMap<UserId, Long> until = new TreeMap<>();
    Position changed = Position.NONE;
  }
}
