package org.headrace.ingest.room;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;
import org.jspecify.annotations.Nullable;

/** Typing, receipts and read markers (client-server API, modules of these names). */
@Path("/")
@RunOnVirtualThread
public class EphemeralResource {
  private static final String READ = "m.read";
  private static final String READ_PRIVATE = "m.read.private";
  private static final String FULLY_READ = "m.fully_read";

  private static final long TYPING_MILLIS_DEFAULT = 30_000;
  private static final long TYPING_MILLIS_MAX = 120_000;

  @Inject Caller caller;
  @Inject CurrentState current;
  @Inject Writes writes;

  @PUT
  @Path("/_matrix/client/v3/rooms/{roomId}/typing/{userId}")
  public Response typing(
      @PathParam("roomId") String roomId, @PathParam("userId") String userId, byte[] bytes) {
    caller.session();
    RoomId room = Ids.room(roomId);
    UserId user = caller.sessionOf(Ids.user(userId)).user();
    JsonBody body = JsonBody.parse(bytes);
    if (!body.has("typing")) {
      throw MatrixError.missingParam("typing is missing");
    }
    boolean typing = body.bool("typing", false);
    long millis = body.optionalInteger("timeout").orElse(TYPING_MILLIS_DEFAULT);
    current.requireJoined(room, user);
    current.requireServerAllowed(room, user);
    long until = typing ? writes.now() + Math.clamp(millis, 1, TYPING_MILLIS_MAX) : 0;
    writes.log().publish(new TypingRecord(room, user, until));
    return Replies.empty();
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}")
  public Response receipt(
      @PathParam("roomId") String roomId,
      @PathParam("receiptType") String type,
      @PathParam("eventId") String eventId,
      byte[] bytes) {
    UserId user = caller.user();
    RoomId room = Ids.room(roomId);
    EventId event = Ids.event(eventId);
    JsonBody body = JsonBody.parseOptional(bytes);
    String thread = threadId(body, type);
    current.requireJoined(room, user);
    switch (type) {
      case READ, READ_PRIVATE -> publish(room, user, type, thread, event);
      case FULLY_READ -> setFullyRead(room, user, event);
      default -> throw MatrixError.invalidParam("This receipt type is not known");
    }
    return Replies.empty();
  }

  private static @Nullable String threadId(JsonBody body, String type) {
    if (body.has("thread_id") && !body.json().path("thread_id").isTextual()) {
      throw MatrixError.invalidParam("thread_id must be a string");
    }
    Optional<String> thread = body.optionalString("thread_id");
    if (thread.isEmpty()) {
      return null;
    }
    if (type.equals(FULLY_READ)) {
      throw MatrixError.invalidParam("thread_id does not go with m.fully_read");
    }
    return Sizes.requireName(thread.get(), "thread_id");
  }

  @POST
  @Path("/_matrix/client/v3/rooms/{roomId}/read_markers")
  public Response readMarkers(@PathParam("roomId") String roomId, byte[] bytes) {
    UserId user = caller.user();
    RoomId room = Ids.room(roomId);
    JsonBody body = JsonBody.parse(bytes);
    Optional<EventId> fullyRead = body.optionalString(FULLY_READ).map(Ids::event);
    Optional<EventId> read = body.optionalString(READ).map(Ids::event);
    Optional<EventId> readPrivate = body.optionalString(READ_PRIVATE).map(Ids::event);
    current.requireJoined(room, user);
    fullyRead.ifPresent(event -> setFullyRead(room, user, event));
    read.ifPresent(event -> publish(room, user, READ, null, event));
    readPrivate.ifPresent(event -> publish(room, user, READ_PRIVATE, null, event));
    return Replies.empty();
  }

  private void publish(
      RoomId room, UserId user, String type, @Nullable String thread, EventId event) {
    writes.log().publish(new ReceiptRecord(room, user, type, thread, event, writes.now()));
  }

  private void setFullyRead(RoomId room, UserId user, EventId event) {
    writes.submit(
        new AccountCommand.SetAccountData(
            writes.newId(),
            writes.now(),
            user,
            room,
            FULLY_READ,
            Json.object().put("event_id", event.value())));
  }
}
