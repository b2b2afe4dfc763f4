package org.headrace.api.federation;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.LinkedHashSet;
import java.util.Set;
import org.headrace.api.event.StateValues;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;

/**
 * Whether a server in a room may see an event of it: if one of its users may (client-server API,
 * "Room history visibility").
 */
@Singleton
class ServerVisibility {
  /** Users of the server whose memberships at an event are looked at. */
  private static final int USERS_LOOKED_AT_MAX = 500;

  private final RoomsView rooms;
  private final StateValues values;

  @Inject
  ServerVisibility(RoomsView rooms, StateValues values) {
    this.rooms = rooms;
    this.values = values;
  }

  /** The server is in the room now, or asks for what is shown to all. */
  boolean isVisible(EventRow row, ServerName server) {
    if (row.outlier() || isSender(row, server)) {
      return true;
    }
    return switch (values.historyVisibility(row)) {
      case "world_readable", "shared" -> true;
      case "invited" -> had(row, server, Set.of("join", "invite"));
      default -> had(row, server, Set.of("join"));
    };
  }

  private static boolean isSender(EventRow row, ServerName server) {
    return new UserId(row.pdu().path("sender").asText()).server().equals(server);
  }

  private boolean had(EventRow row, ServerName server, Set<String> memberships) {
    Set<UserId> users =
        new LinkedHashSet<>(rooms.joinedOf(row.roomId(), server, USERS_LOOKED_AT_MAX));
    users.addAll(rooms.usersOf(row.roomId(), server, USERS_LOOKED_AT_MAX));
    return users.stream()
        .anyMatch(user -> values.membership(row, user).filter(memberships::contains).isPresent());
  }
}
