package org.headrace.schema.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.jspecify.annotations.Nullable;

/**
 * A user's presence until a deadline, after which the user is offline (design D13). Who shows it
 * judges that by the time of showing: no record says that syncs have stopped.
 *
 * @param device which of the user's devices said it; null: another server did
 * @param lastActiveTs when the user was last active, milliseconds since 1970
 * @param untilTs the deadline, milliseconds since 1970
 * @param renewal whether it only moves times, so that nobody needs to be told
 */
public record PresenceRecord(
    UserId user,
    Presence presence,
    @Nullable String statusMsg,
    @Nullable DeviceId device,
    long lastActiveTs,
    long untilTs,
    boolean renewal) {
  /** Longest status message, in bytes. */
  public static final int STATUS_BYTES_MAX = 1_024;

  /** How recent activity must be for the user to count as active now. */
  private static final long ACTIVE_MILLIS = 5 * 60_000;

  /**
   * What is renewed with less time left than this counts as a change: somebody may already have
   * been told that it ended.
   */
  private static final long RENEWAL_MARGIN_MILLIS = 10_000;

  /** A record that says something; {@link #after} says whether it is only a renewal. */
  public static PresenceRecord of(
      UserId user,
      Presence presence,
      @Nullable String statusMsg,
      @Nullable DeviceId device,
      long lastActiveTs,
      long untilTs) {
    return new PresenceRecord(user, presence, statusMsg, device, lastActiveTs, untilTs, false);
  }

  /** The same, as a renewal if the record before said as much and still holds for a while. */
  public PresenceRecord after(@Nullable PresenceRecord before, long nowTs) {
    boolean same =
        before != null
            && before.at(nowTs + RENEWAL_MARGIN_MILLIS) == presence
            && Objects.equals(before.statusMsg, statusMsg);
    return new PresenceRecord(user, presence, statusMsg, device, lastActiveTs, untilTs, same);
  }

  /** What the user is at this time. */
  public Presence at(long nowTs) {
    return nowTs < untilTs ? presence : Presence.OFFLINE;
  }

  /** What is shown of it at this time: the specification's members, without the user's name. */
  public ObjectNode shown(long nowTs) {
    Presence now = at(nowTs);
    long ago = Math.max(0, nowTs - lastActiveTs);
    ObjectNode json = Json.object().put("presence", now.shown()).put("last_active_ago", ago);
    if (now == Presence.ONLINE) {
      json.put("currently_active", ago < ACTIVE_MILLIS);
    }
    if (statusMsg != null) {
      json.put("status_msg", statusMsg);
    }
    return json;
  }
}
