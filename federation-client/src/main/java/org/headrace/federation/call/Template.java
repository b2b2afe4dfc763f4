package org.headrace.federation.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.net.FederationException;

/**
 * The answer of make_join, make_knock and make_leave.
 *
 * @param event what is to be completed, hashed and sent back: without id, not signed, and to be
 *     believed in nothing but what was asked for, which was checked
 */
public record Template(RoomVersion version, ObjectNode event) {

  static Template of(ObjectNode answer, UserId user, String membership) throws FederationException {
    ObjectNode event = Answers.object(answer, "event");
    JsonNode content = event.path("content");
    if (!event.path("type").asText().equals("m.room.member")
        || !event.path("sender").asText().equals(user.value())
        || !event.path("state_key").asText().equals(user.value())
        || !content.path("membership").asText().equals(membership)) {
      throw Answers.bad("the template is for another event");
    }
    return new Template(Answers.roomVersion(answer), event);
  }
}
