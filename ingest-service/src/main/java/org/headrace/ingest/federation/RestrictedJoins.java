package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.http.MatrixError;
import org.headrace.ingest.federation.HeldRooms.Held;
import org.headrace.ingest.room.CurrentState;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.tenant.Tenants;

/**
 * Whether a tenant's signature may vouch for a join of a restricted room (server-server API,
 * "Restricted rooms"): what its user named in {@code join_authorised_via_users_server} stands for
 * is that the conditions were looked at.
 */
@ApplicationScoped
public class RestrictedJoins {
  static final String AUTHORISED_VIA = "join_authorised_via_users_server";

  /** Conditions of a join rule that are looked at. */
  private static final int CONDITIONS_MAX = 100;

  @Inject CurrentState current;
  @Inject RoomsView rooms;
  @Inject Tenants tenants;

  /**
   * Throws M_UNABLE_TO_AUTHORISE_JOIN if no condition is met and some cannot be looked at here,
   * M_FORBIDDEN if all can.
   */
  void require(Held room, Pdu join) {
    JsonNode via = join.content().path(AUTHORISED_VIA);
    if (!via.isTextual() || !room.version().auth().restrictedJoin()) {
      return;
    }
    ServerName authoriser;
    try {
      authoriser = new UserId(via.textValue()).server();
    } catch (InvalidIdException e) {
      throw MatrixError.invalidParam(AUTHORISED_VIA + " is not a user id");
    }
    String present = membership(room.id(), join.sender());
    if (!tenants.isHosted(authoriser) || present.equals("invite") || present.equals("join")) {
      return;
    }
    JsonNode rules = current.event(room.id(), StateKey.JOIN_RULES).map(Pdu::content).orElse(null);
    if (rules == null || !isRestricted(rules.path("join_rule").asText())) {
      return; // The auth rules tell what an authoriser is worth in such a room.
    }
    requireCondition(rules.path("allow"), join.sender(), authoriser);
  }

  /** As the views show it: our signature vouches for it, so nothing stands in for them. */
  private String membership(RoomId room, UserId user) {
    return rooms.membership(room, user).map(RoomsView.Membership::membership).orElse("leave");
  }

  static boolean isRestricted(String joinRule) {
    return joinRule.equals("restricted") || joinRule.equals("knock_restricted");
  }

  private void requireCondition(JsonNode conditions, UserId user, ServerName authoriser) {
    boolean allLookedAt = true;
    int looked = 0;
    for (JsonNode condition : conditions) {
      if (looked++ >= CONDITIONS_MAX) {
        break;
      }
      if (!condition.path("type").asText().equals("m.room_membership")) {
        continue;
      }
      RoomId allowed;
      try {
        allowed = new RoomId(condition.path("room_id").asText());
      } catch (InvalidIdException e) {
        continue;
      }
      if (!rooms.isJoined(allowed, authoriser)) {
        allLookedAt = false;
      } else if (membership(allowed, user).equals("join")) {
        return;
      }
    }
    throw allLookedAt
        ? MatrixError.forbidden("You are in none of the rooms whose members may join")
        : new MatrixError(
            400,
            "M_UNABLE_TO_AUTHORISE_JOIN",
            "This server is not in all the rooms whose members may join");
  }
}
