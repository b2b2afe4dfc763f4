package org.headrace.core.auth;

import static org.headrace.core.auth.AuthResult.ALLOWED;
import static org.headrace.core.auth.AuthResult.denied;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;

/**
 * The authorisation rules of all room versions (spec, room versions, "Authorisation rules"), in the
 * specification's order; comments give the numbers of version 12, and of another where it differs.
 *
 * <p>A received event meets them three times: against its own auth events ({@link
 * #checkAuthEvents}, then {@link #checkAgainst} the state that these make), against the state
 * before it, and against the room's current state (soft failure).
 */
public final class AuthRules {
  private AuthRules() {}

  /**
   * The rules that need no state: 1 (create events), 2 and 3 (the list of auth events).
   *
   * @param authEvents all events that {@code auth_events} names, in its order
   */
  public static AuthResult checkAuthEvents(
      RoomVersion version, Pdu event, List<AuthEvent> authEvents, AuthEvidence evidence) {
    if (event.type().equals("m.room.create")) {
      return checkCreate(version, event);
    }
    AuthResult room = checkRoomId(version, event, evidence);
    return room.isAllowed() ? checkSelection(version, event, authEvents) : room;
  }

  /** The rules that read a room state: from 4 on; for a create event rule 1 again. */
  public static AuthResult checkAgainst(
      RoomVersion version, Pdu event, AuthEvidence evidence, StateLookup state) {
    // Rule 1.
    if (event.type().equals("m.room.create")) {
      return checkCreate(version, event);
    }
    // Rule 2 (from version 12).
    AuthResult room = checkRoomId(version, event, evidence);
    if (!room.isAllowed()) {
      return room;
    }
    Optional<Pdu> create =
        version.auth().createFromRoomId() ? evidence.create() : state.get(StateKey.CREATE);
    if (create.isEmpty()) {
      return denied(AuthRule.FEDERATION, "the room state has no create event");
    }
    return new StateRules(version, event, create.get(), evidence, state).check();
  }

  /** {@link #checkAgainst} a state that holds the create event, signatures checked before. */
  public static AuthResult check(RoomVersion version, Pdu event, StateLookup state) {
    return checkAgainst(version, event, AuthEvidence.ofState(state), state);
  }

  /** Rule 1. */
  private static AuthResult checkCreate(RoomVersion version, Pdu event) {
    // 1.1
    if (!event.prevEvents().isEmpty()) {
      return denied(AuthRule.CREATE_PREV_EVENTS, "a create event may not have prev_events");
    }
    if (version.auth().createFromRoomId()) {
      // 1.2 (from version 12)
      if (event.json().has("room_id")) {
        return denied(AuthRule.CREATE_ROOM_ID, "a create event may not have a room_id");
      }
    } else {
      // 1.2 (until version 11)
      String room = event.roomId().value();
      int colon = room.indexOf(':');
      if (colon < 0 || !room.substring(colon + 1).equals(event.sender().server().value())) {
        return denied(
            AuthRule.CREATE_ROOM_DOMAIN, "the room id must have the domain of its creator");
      }
    }
    // 1.3
    JsonNode roomVersion = event.content().get("room_version");
    if (roomVersion != null
        && !(roomVersion.isTextual() && RoomVersion.find(roomVersion.textValue()).isPresent())) {
      return denied(AuthRule.CREATE_ROOM_VERSION, "the room version is not known");
    }
    // 1.4 (until version 10)
    if (version.auth().creatorInContent() && !event.content().has("creator")) {
      return denied(AuthRule.CREATE_CREATOR, "a create event must name its creator");
    }
    // 1.4 (from version 12)
    JsonNode additional = event.content().get("additional_creators");
    if (version.auth().privilegedCreators() && additional != null && !areUserIds(additional)) {
      return denied(
          AuthRule.CREATE_ADDITIONAL_CREATORS, "additional_creators must be a list of user ids");
    }
    // 1.5
    return ALLOWED;
  }

  /** Rule 2 (from version 12): the room id must be that of an accepted create event. */
  private static AuthResult checkRoomId(RoomVersion version, Pdu event, AuthEvidence evidence) {
    if (!version.auth().createFromRoomId()) {
      return ALLOWED;
    }
    boolean matches =
        evidence
            .create()
            .filter(create -> create.type().equals("m.room.create"))
            .filter(create -> roomIdFrom(create).equals(event.roomId().value()))
            .isPresent();
    return matches
        ? ALLOWED
        : denied(AuthRule.ROOM_ID_OF_CREATE, "the room id is not that of a known create event");
  }

  private static String roomIdFrom(Pdu create) {
    return "!" + create.id().value().substring(1);
  }

  /** Rule 3 (2 until version 11). */
  private static AuthResult checkSelection(
      RoomVersion version, Pdu event, List<AuthEvent> authEvents) {
    SortedSet<StateKey> seen = new TreeSet<>();
    List<StateKey> keys = new ArrayList<>();
    for (AuthEvent authEvent : authEvents) {
      Optional<String> stateKey = authEvent.event().stateKey();
      if (stateKey.isEmpty()) {
        return denied(AuthRule.AUTH_EVENTS_SELECTION, "an auth event must be a state event");
      }
      StateKey key = new StateKey(authEvent.event().type(), stateKey.get());
      keys.add(key);
      // 3.1
      if (!seen.add(key)) {
        return denied(AuthRule.AUTH_EVENTS_DUPLICATE, "two auth events have the same state key");
      }
    }
    // 3.2
    List<StateKey> expected = AuthTypes.forEvent(version, event);
    for (StateKey key : keys) {
      if (!expected.contains(key)) {
        return denied(
            AuthRule.AUTH_EVENTS_SELECTION, "auth events may not hold one of type " + key.type());
      }
    }
    // 3.3
    for (AuthEvent authEvent : authEvents) {
      if (authEvent.rejected()) {
        return denied(
            AuthRule.AUTH_EVENTS_REJECTED, "an auth event was rejected: " + authEvent.event().id());
      }
    }
    // 2.4 (until version 11)
    if (!version.auth().createFromRoomId() && !seen.contains(StateKey.CREATE)) {
      return denied(AuthRule.AUTH_EVENTS_CREATE, "auth events must hold the create event");
    }
    // 3.5
    for (AuthEvent authEvent : authEvents) {
      if (!authEvent.event().roomId().equals(event.roomId())) {
        return denied(AuthRule.AUTH_EVENTS_ROOM, "an auth event is from another room");
      }
    }
    return ALLOWED;
  }

  static boolean areUserIds(JsonNode array) {
    if (!array.isArray()) {
      return false;
    }
    for (JsonNode entry : array) {
      if (!entry.isTextual() || !isUserId(entry.textValue())) {
        return false;
      }
    }
    return true;
  }

  static boolean isUserId(String value) {
    try {
      new UserId(value);
      return true;
    } catch (InvalidIdException e) {
      return false;
    }
  }
}
