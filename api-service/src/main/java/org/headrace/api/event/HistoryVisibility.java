package org.headrace.api.event;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EventRow;
import org.headrace.schema.log.Position;

/** Whether a user may see an event (client-server API, "Room history visibility"). */
@Singleton
public class HistoryVisibility {
  private final StateValues values;

  @Inject
  public HistoryVisibility(StateValues values) {
    this.values = values;
  }

  /** Judges by the state at the event; its own change of visibility or membership counts for it. */
  public boolean isVisible(EventRow row, RoomAccess.Access access) {
    RoomId room = row.roomId();
    UserId user = access.user();
    Position at = row.position();
    String type = row.pdu().path("type").asText();
    boolean ownMembership =
        type.equals("m.room.member") && row.pdu().path("state_key").asText().equals(user.value());
    // A user always learns of what was done to their own membership.
    if (ownMembership) {
      return true;
    }
    String membership = values.membership(room, user, at).orElse("leave");
    if (membership.equals("join")) {
      return true;
    }
    boolean joinedLater = access.joinedUntil().isAfter(at);
    for (String visibility : visibilities(room, type, at)) {
      boolean allowed =
          switch (visibility) {
            case "world_readable" -> true;
            case "shared" -> joinedLater;
            case "invited" -> membership.equals("invite");
            default -> false;
          };
      if (allowed) {
        return true;
      }
    }
    return false;
  }

  /** For a change of the visibility itself, the one before counts too (the same section). */
  private List<String> visibilities(RoomId room, String type, Position at) {
    String visibility = values.historyVisibility(room, at);
    if (type.equals("m.room.history_visibility") && at.packed() > 0) {
      return List.of(visibility, values.historyVisibility(room, new Position(at.packed() - 1)));
    }
    return List.of(visibility);
  }
}
