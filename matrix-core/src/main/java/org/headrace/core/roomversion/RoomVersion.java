package org.headrace.core.roomversion;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.roomversion.EventFlags.EventIdForm;

/**
 * One room version as data: what it says about events, authorisation, redaction and state
 * resolution. Each is derived from the one before; code asks a named flag, never a number.
 *
 * @param id the identifier in {@code room_version}, such as "12"
 */
public record RoomVersion(
    String id,
    EventFlags events,
    AuthFlags auth,
    RedactionFlags redaction,
    StateResolutionVersion stateResolution) {

  public static final RoomVersion V1 =
      new RoomVersion(
          "1",
          new EventFlags(EventIdForm.GIVEN, EnumSet.noneOf(EventFlags.Flag.class)),
          new AuthFlags(
              EnumSet.of(
                  AuthFlags.Flag.ALIASES_RULE,
                  AuthFlags.Flag.REDACTION_RULE,
                  AuthFlags.Flag.STRING_POWER_LEVELS,
                  AuthFlags.Flag.FLOAT_POWER_LEVELS,
                  AuthFlags.Flag.CREATOR_IN_CONTENT)),
          new RedactionFlags(
              EnumSet.of(
                  RedactionFlags.Flag.ALIASES, RedactionFlags.Flag.ORIGIN_MEMBERSHIP_PREV_STATE)),
          StateResolutionVersion.V1);

  public static final RoomVersion V2 = V1.next("2").with(StateResolutionVersion.V2);

  public static final RoomVersion V3 =
      V2.next("3")
          .with(V2.events.with(EventIdForm.BASE64_HASH))
          .with(V2.auth.without(AuthFlags.Flag.REDACTION_RULE));

  public static final RoomVersion V4 = V3.next("4").with(V3.events.with(EventIdForm.URL_SAFE_HASH));

  public static final RoomVersion V5 =
      V4.next("5").with(V4.events.with(EventFlags.Flag.KEY_VALIDITY));

  public static final RoomVersion V6 =
      V5.next("6")
          .with(V5.events.with(EventFlags.Flag.STRICT_CANONICAL_JSON))
          .with(
              V5.auth
                  .without(AuthFlags.Flag.ALIASES_RULE)
                  .without(AuthFlags.Flag.FLOAT_POWER_LEVELS)
                  .with(AuthFlags.Flag.NOTIFICATION_LEVELS))
          .with(V5.redaction.without(RedactionFlags.Flag.ALIASES));

  public static final RoomVersion V7 = V6.next("7").with(V6.auth.with(AuthFlags.Flag.KNOCKING));

  public static final RoomVersion V8 =
      V7.next("8")
          .with(V7.auth.with(AuthFlags.Flag.RESTRICTED_JOIN))
          .with(V7.redaction.with(RedactionFlags.Flag.JOIN_RULES_ALLOW));

  public static final RoomVersion V9 =
      V8.next("9").with(V8.redaction.with(RedactionFlags.Flag.MEMBER_AUTHORISED));

  public static final RoomVersion V10 =
      V9.next("10")
          .with(
              V9.auth
                  .with(AuthFlags.Flag.KNOCK_RESTRICTED_JOIN)
                  .with(AuthFlags.Flag.INTEGER_POWER_LEVELS)
                  .without(AuthFlags.Flag.STRING_POWER_LEVELS));

  public static final RoomVersion V11 =
      V10.next("11")
          .with(V10.events.with(EventFlags.Flag.REDACTS_IN_CONTENT))
          .with(V10.auth.without(AuthFlags.Flag.CREATOR_IN_CONTENT))
          .with(
              V10.redaction
                  .without(RedactionFlags.Flag.ORIGIN_MEMBERSHIP_PREV_STATE)
                  .with(RedactionFlags.Flag.CREATE_CONTENT)
                  .with(RedactionFlags.Flag.POWER_LEVELS_INVITE)
                  .with(RedactionFlags.Flag.REDACTION_REDACTS)
                  .with(RedactionFlags.Flag.MEMBER_THIRD_PARTY_SIGNED));

  public static final RoomVersion V12 =
      V11.next("12")
          .with(V11.events.with(EventFlags.Flag.ROOM_ID_FROM_CREATE))
          .with(
              V11.auth
                  .with(AuthFlags.Flag.CREATE_FROM_ROOM_ID)
                  .with(AuthFlags.Flag.PRIVILEGED_CREATORS))
          .with(StateResolutionVersion.V2_1);

  /** The version of new rooms where none is asked for. */
  public static final RoomVersion DEFAULT = V12;

  private static final SortedMap<String, RoomVersion> ALL = byId();

  /** The version with this identifier, if this server knows it. */
  public static Optional<RoomVersion> find(String id) {
    return Optional.ofNullable(ALL.get(id));
  }

  /** All known versions, oldest first; the specification calls each of them stable. */
  public static List<RoomVersion> supportedStable() {
    return List.copyOf(ALL.values());
  }

  private static SortedMap<String, RoomVersion> byId() {
    SortedMap<String, RoomVersion> versions =
        new TreeMap<>(
            Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
    for (RoomVersion version : List.of(V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12)) {
      versions.put(version.id, version);
    }
    return versions;
  }

  private RoomVersion next(String nextId) {
    return new RoomVersion(nextId, events, auth, redaction, stateResolution);
  }

  private RoomVersion with(EventFlags changed) {
    return new RoomVersion(id, changed, auth, redaction, stateResolution);
  }

  private RoomVersion with(AuthFlags changed) {
    return new RoomVersion(id, events, changed, redaction, stateResolution);
  }

  private RoomVersion with(RedactionFlags changed) {
    return new RoomVersion(id, events, auth, changed, stateResolution);
  }

  private RoomVersion with(StateResolutionVersion changed) {
    return new RoomVersion(id, events, auth, redaction, changed);
  }

  @Override
  public String toString() {
    return "room version " + id;
  }
}
