package org.headrace.api.room;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.projections.view.RoomsView;

/** Servers through which a room can be joined. */
@Singleton
public class RoomServers {
  /** Servers of a room that are named. */
  private static final int SERVERS_NAMED_MAX = 100;

  private final RoomsView rooms;

  @Inject
  public RoomServers(RoomsView rooms) {
    this.rooms = rooms;
  }

  /** Servers in the room, the one that answers first if it is there. */
  public List<ServerName> toAskOf(RoomId room, ServerName answering) {
    List<ServerName> servers = new ArrayList<>();
    if (rooms.isJoined(room, answering)) {
      servers.add(answering);
    }
    rooms.servers(room).stream()
        .filter(server -> !server.equals(answering))
        .limit(SERVERS_NAMED_MAX)
        .forEach(servers::add);
    return servers;
  }
}
