package org.headrace.ingest.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.projections.view.AccountsView.Session;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.Draft;
import org.headrace.schema.command.RoomCommand.Transaction;

/** Sends message events, state and redactions (client-server API, "Sending events to a room"). */
@Path("/")
@RunOnVirtualThread
public class EventsResource {
  private static final String REDACTION = "m.room.redaction";

  @Inject Caller caller;
  @Inject StateChanges changes;
  @Inject CurrentState current;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}")
  public Response send(
      @PathParam("roomId") String roomId,
      @PathParam("eventType") String type,
      @PathParam("txnId") String txnId,
      byte[] bytes) {
    Session session = caller.session();
    RoomId room = Ids.room(roomId);
    Transaction transaction = transaction(session, txnId);
    JsonBody body = JsonBody.parse(bytes);
    if (type.equals(REDACTION)) {
      EventId redacts = Ids.event(body.requireString("redacts"));
      return redact(session, room, redacts, body, transaction);
    }
    current.requireServerAllowed(room, session.user());
    ObjectNode result =
        writes.submit(
            new RoomCommand.SendEvent(
                writes.newId(),
                writes.now(),
                room,
                new Draft(session.user(), requireType(type), null, requireContent(body)),
                transaction));
    current.decided(room, session.user(), "join");
    return eventId(result);
  }

  @PUT
  @Path("/_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}")
  public Response redact(
      @PathParam("roomId") String roomId,
      @PathParam("eventId") String eventId,
      @PathParam("txnId") String txnId,
      byte[] bytes) {
    Session session = caller.session();
    RoomId room = Ids.room(roomId);
    EventId redacts = Ids.event(eventId);
    Transaction transaction = transaction(session, txnId);
    return redact(session, room, redacts, JsonBody.parseOptional(bytes), transaction);
  }

  private Response redact(
      Session session, RoomId room, EventId redacts, JsonBody body, Transaction transaction) {
    String reason = body.optionalString("reason", Sizes.REASON_BYTES_MAX).orElse(null);
    current.requireServerAllowed(room, session.user());
    return eventId(
        writes.submit(
            new RoomCommand.Redact(
                writes.newId(), writes.now(), room, session.user(), redacts, reason, transaction)));
  }

  @PUT
  @Path("/_matrix/client/v3/rooms/{roomId}/state/{eventType}")
  public Response stateWithEmptyKey(
      @PathParam("roomId") String roomId, @PathParam("eventType") String type, byte[] bytes) {
    return state(roomId, type, "", bytes);
  }

  @PUT
  @Path("/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}")
  public Response state(
      @PathParam("roomId") String roomId,
      @PathParam("eventType") String type,
      @PathParam("stateKey") String stateKey,
      byte[] bytes) {
    Session session = caller.session();
    RoomId room = Ids.room(roomId);
    JsonBody body = JsonBody.parse(bytes);
    if (!stateKey.isEmpty()) {
      Sizes.requireName(stateKey, "A state key");
    }
    ObjectNode content = requireContent(body);
    Optional<EventId> standing =
        changes.standing(session.user(), room, requireType(type), stateKey, content);
    if (standing.isPresent()) {
      return eventId(Json.object().put("event_id", standing.get().value()));
    }
    return eventId(writes.submit(changes.command(session.user(), room, type, stateKey, content)));
  }

  private static Transaction transaction(Session session, String txnId) {
    return new Transaction(session.device(), Sizes.requireName(txnId, "A transaction id"));
  }

  private static String requireType(String type) {
    return Sizes.requireName(type, "An event type");
  }

  /** Larger contents cannot be events and need not go through the log to be refused. */
  private static ObjectNode requireContent(JsonBody body) {
    Sizes.require(body.json(), Sizes.CONTENT_BYTES_MAX, "An event");
    return body.json();
  }

  private static Response eventId(ObjectNode result) {
    String eventId = result.path("event_id").asText();
    if (eventId.isEmpty()) {
      throw new MatrixError(500, "M_UNKNOWN", "The server failed: it made no event");
    }
    return Replies.ok(Json.object().put("event_id", eventId));
  }
}
