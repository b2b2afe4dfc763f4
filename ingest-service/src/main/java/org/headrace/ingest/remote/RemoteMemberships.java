package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.ingest.client.RandomIds;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.command.RoomCommand;

/**
 * Knocks on rooms that are not held here, and leaves them: refusing an invite, taking a knock back
 * (server-server API, "Knocking upon a room", "Leaving Rooms").
 */
@ApplicationScoped
public class RemoteMemberships {
  private static final int EVENT_ID_CHARS = 18;

  @Inject FederationCalls calls;
  @Inject Handshake handshake;
  @Inject LocalSignatures signatures;
  @Inject StrippedState stripped;
  @Inject RoomPresence presence;
  @Inject RoomsView rooms;
  @Inject TimelineView timeline;
  @Inject RandomSource random;
  @Inject Writes writes;

  /** Throws the error that tells most if no server takes the knock. */
  public void knock(UserId user, RoomId room, List<ServerName> candidates, ObjectNode content) {
    Attempts attempts = new Attempts();
    for (ServerName candidate : candidates.stream().limit(RemoteJoin.CANDIDATES_MAX).toList()) {
      Link link = new Link(user.server(), candidate);
      try {
        Handshake.Filled knock = handshake.make(link, Handshake.Kind.KNOCK, room, user, content);
        Pdu event = knock.event();
        List<ObjectNode> state = calls.knocks().send(link, room, event.id(), event.json());
        note(user, knock.version(), event, stripped.validOf(room, knock.version(), state));
        return;
      } catch (FederationException e) {
        attempts.add(candidate, e);
      }
    }
    throw attempts.isEmpty() ? RemoteJoin.nobodyToAsk() : attempts.error();
  }

  /**
   * Leaves a room that the user is invited to or knocks on; false if neither is so. Where no server
   * takes the leave, it is noted here alone: nobody is kept by a server that has gone.
   */
  public boolean leave(UserId user, RoomId room, ObjectNode content) {
    EventRow present =
        rooms
            .membership(room, user)
            .filter(row -> row.membership().equals("invite") || row.membership().equals("knock"))
            .flatMap(row -> timeline.event(room, row.eventId()))
            .orElse(null);
    if (present == null) {
      return false;
    }
    List<ServerName> candidates = presence.candidates(room, user, List.of());
    for (ServerName candidate : candidates.stream().limit(RemoteJoin.CANDIDATES_MAX).toList()) {
      Link link = new Link(user.server(), candidate);
      try {
        Handshake.Filled leave = handshake.make(link, Handshake.Kind.LEAVE, room, user, content);
        calls.leaves().send(link, room, leave.event().id(), leave.event().json());
        note(user, leave.version(), leave.event(), List.of());
        return true;
      } catch (FederationException e) {
        // The next one is asked; in the end the user leaves all the same.
      }
    }
    RoomVersion version = RoomVersion.find(present.roomVersion()).orElse(RoomVersion.DEFAULT);
    note(user, version, outOfBand(user, room, present, version, content), List.of());
    return true;
  }

  /** A leave that no other server has seen: it has no place in the room's graph. */
  private Pdu outOfBand(
      UserId user, RoomId room, EventRow present, RoomVersion version, ObjectNode content) {
    ObjectNode event = Json.object();
    event.put("type", "m.room.member");
    event.put("room_id", room.value());
    event.put("sender", user.value());
    event.put("state_key", user.value());
    event.put("origin_server_ts", writes.now());
    event.put("depth", present.pdu().path("depth").asLong());
    if (version.events().idGiven()) {
      event.put("event_id", "$" + RandomIds.letters(random, EVENT_ID_CHARS) + ":" + user.server());
    }
    event.putArray("prev_events");
    ArrayNode authEvents = event.putArray("auth_events");
    if (!version.events().idGiven()) {
      authEvents.add(present.eventId().value());
    }
    ObjectNode full = event.putObject("content").put("membership", "leave");
    full.setAll(content);
    ObjectNode hashed = EventHashes.withContentHash(event, version);
    return EventHashes.pdu(signatures.sign(hashed, version, user.server()), version);
  }

  private void note(UserId user, RoomVersion version, Pdu event, List<ObjectNode> state) {
    ObjectNode unused =
        Writes.result(
            writes
                .log()
                .submit(
                    new RoomCommand.NoteRemoteMembership(
                        writes.newId(),
                        writes.now(),
                        event.roomId(),
                        version.id(),
                        user,
                        event.json(),
                        state),
                    CommandLog.WAIT));
  }
}
