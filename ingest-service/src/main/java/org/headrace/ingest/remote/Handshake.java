package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.call.Template;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.ingest.client.RandomIds;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.client.Writes;

/**
 * The first half of joining, knocking and leaving through another server: its template of the
 * member event is checked, filled in and signed (server-server API, "Joining Rooms").
 */
@ApplicationScoped
public class Handshake {
  private static final String AUTHORISED_VIA = "join_authorised_via_users_server";
  private static final int EVENT_ID_CHARS = 18;

  @Inject FederationCalls calls;
  @Inject LocalSignatures signatures;
  @Inject RandomSource random;
  @Inject Writes writes;

  /** What is asked for; its name is that of the membership. */
  enum Kind {
    JOIN("join"),
    KNOCK("knock"),
    LEAVE("leave");

    private final String membership;

    Kind(String membership) {
      this.membership = membership;
    }

    String membership() {
      return membership;
    }
  }

  /** The event, complete and signed by the user's server. */
  record Filled(RoomVersion version, Pdu event) {}

  /**
   * Asks for a template and fills it in.
   *
   * @param content what the member event carries besides its membership
   */
  Filled make(Link link, Kind kind, RoomId room, UserId user, ObjectNode content)
      throws FederationException {
    List<RoomVersion> versions = RoomVersion.supportedStable();
    Template template =
        switch (kind) {
          case JOIN -> calls.joins().make(link, room, user, versions);
          case KNOCK -> calls.knocks().make(link, room, user, versions);
          case LEAVE -> calls.leaves().make(link, room, user);
        };
    if (!template.event().path("room_id").asText().equals(room.value())) {
      throw bad("the template is for another room");
    }
    return fill(template.event(), kind, room, user, template.version(), content);
  }

  private Filled fill(
      JsonNode template,
      Kind kind,
      RoomId room,
      UserId user,
      RoomVersion version,
      ObjectNode content)
      throws FederationException {
    ObjectNode event = Json.object();
    event.put("type", "m.room.member");
    event.put("room_id", room.value());
    event.put("sender", user.value());
    event.put("state_key", user.value());
    event.put("origin", user.server().value());
    event.put("origin_server_ts", writes.now());
    for (String member : List.of("depth", "prev_events", "auth_events")) {
      if (template.has(member)) {
        event.set(member, template.get(member));
      }
    }
    if (version.events().idGiven()) {
      event.put("event_id", "$" + RandomIds.letters(random, EVENT_ID_CHARS) + ":" + user.server());
    }
    ObjectNode full = event.putObject("content").put("membership", kind.membership());
    full.setAll(content);
    JsonNode via = template.path("content").path(AUTHORISED_VIA);
    if (kind == Kind.JOIN && via.isTextual()) {
      full.set(AUTHORISED_VIA, via);
    }
    try {
      ObjectNode signed =
          signatures.sign(EventHashes.withContentHash(event, version), version, user.server());
      return switch (PduChecks.form(signed, version, room)) {
        case PduChecks.Result.Valid(Pdu pdu) -> new Filled(version, pdu);
        case PduChecks.Result.Invalid invalid ->
            throw bad("the template makes no event: " + invalid.problem());
      };
    } catch (InvalidJsonException e) {
      throw bad("the template makes no event: " + e.getMessage());
    }
  }

  /** Whom a filled join says to be authorised by, if by anyone. */
  static Optional<String> authorisedVia(Pdu join) {
    JsonNode via = join.content().path(AUTHORISED_VIA);
    return via.isTextual() ? Optional.of(via.textValue()) : Optional.empty();
  }

  static FederationException bad(String problem) {
    return new FederationException(Reason.BAD_RESPONSE, problem);
  }
}
