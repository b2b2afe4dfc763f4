package org.headrace.api.federation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.headrace.api.federation.SharedRooms.Shared;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.AuthFlags;
import org.headrace.http.MatrixError;
import org.headrace.projections.view.RoomsView;

/** Whom a tenant vouches with for a join (server-server API, "Restricted rooms"). */
@Singleton
class RestrictedJoins {
  /** Conditions of a join rule that are looked at. */
  private static final int CONDITIONS_MAX = 100;

  /** Users of the tenant that are looked at for one who may invite. */
  private static final int USERS_LOOKED_AT_MAX = 1_000;

  private final RoomsView rooms;

  @Inject
  RestrictedJoins(RoomsView rooms) {
    this.rooms = rooms;
  }

  /**
   * The user for {@code join_authorised_via_users_server}; empty where the join needs none. Throws
   * M_FORBIDDEN, M_UNABLE_TO_AUTHORISE_JOIN or M_UNABLE_TO_GRANT_JOIN.
   */
  Optional<UserId> authoriser(Shared shared, UserId user, StateLookup state) {
    JsonNode rules =
        state
            .get(StateKey.JOIN_RULES)
            .<JsonNode>map(event -> event.content())
            .orElseGet(MissingNode::getInstance);
    if (!isRestricted(shared.version().auth(), rules.path("join_rule").asText())) {
      return Optional.empty();
    }
    String present =
        state
            .get(StateKey.member(user.value()))
            .map(event -> event.content().path("membership").asText())
            .orElse("leave");
    if (!present.equals("leave") && !present.equals("knock")) {
      // Who is invited or joined needs nobody; who is banned cannot be helped.
      return Optional.empty();
    }
    requireCondition(rules.path("allow"), user, shared.peer().tenant());
    PowerLevels levels = PowerLevels.of(shared.version(), state);
    return Optional.of(
        rooms.joinedOf(shared.id(), shared.peer().tenant(), USERS_LOOKED_AT_MAX).stream()
            .filter(candidate -> levels.userLevel(candidate) >= levels.invite())
            .findFirst()
            .orElseThrow(
                () ->
                    new MatrixError(
                        400,
                        "M_UNABLE_TO_GRANT_JOIN",
                        "No user of this server may invite: another server can help")));
  }

  private static boolean isRestricted(AuthFlags flags, String joinRule) {
    return switch (joinRule) {
      case "restricted" -> flags.restrictedJoin();
      case "knock_restricted" -> flags.knockRestrictedJoin();
      default -> false;
    };
  }

  private void requireCondition(JsonNode conditions, UserId user, ServerName tenant) {
    boolean allLookedAt = true;
    int looked = 0;
    for (JsonNode condition : conditions) {
      if (++looked > CONDITIONS_MAX) {
        allLookedAt = false;
        break;
      }
      Optional<RoomId> allowed = room(condition);
      if (allowed.isEmpty()) {
        continue;
      }
      if (!rooms.isJoined(allowed.get(), tenant)) {
        allLookedAt = false;
      } else if (rooms
          .membership(allowed.get(), user)
          .filter(membership -> membership.membership().equals("join"))
          .isPresent()) {
        return;
      }
    }
    throw allLookedAt
        ? MatrixError.forbidden("The user is in none of the rooms whose members may join")
        : new MatrixError(
            400,
            "M_UNABLE_TO_AUTHORISE_JOIN",
            "This server is not in all the rooms whose members may join");
  }

  private static Optional<RoomId> room(JsonNode condition) {
    if (!condition.path("type").asText().equals("m.room_membership")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new RoomId(condition.path("room_id").asText()));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }
}
