package org.headrace.api.event;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.EventRow;

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
    UserId user = access.user();
    String type = row.pdu().path("type").asText();
    boolean ownMembership =
        type.equals("m.room.member") && row.pdu().path("state_key").asText().equals(user.value());
    // A user always learns of what was done to their own membership.
    if (ownMembership) {
      return true;
    }
    String membership = values.membership(row, user).orElse("leave");
    if (membership.equals("join")) {
      return true;
    }
    // Of the past is what lies below a place, whenever it came.
    Long place = row.place();
    boolean joinedLater =
        access.wasJoined()
            && access.joinedUntil().packed() > (place == null ? row.position().packed() : place);
    for (String visibility : visibilities(row, type)) {
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
  private List<String> visibilities(EventRow row, String type) {
    String visibility = values.historyVisibility(row);
    return type.equals("m.room.history_visibility")
        ? List.of(visibility, values.historyVisibilityBefore(row))
        : List.of(visibility);
  }
}
