package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.function.Predicate;
import org.headrace.api.Params;
import org.headrace.api.event.ClientEvents;
import org.headrace.api.event.HistoryVisibility;
import org.headrace.api.event.PageToken;
import org.headrace.api.event.RoomAccess;
import org.headrace.api.event.TimelinePages;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.EventRow;
import org.headrace.schema.log.Partitions;
import org.jspecify.annotations.Nullable;

/** GET /messages: pages of a room's timeline, from any token, in both directions. */
@Path("/")
public class MessagesResource {
  private static final int LIMIT_DEFAULT = 10;
  private static final int LIMIT_MAX = 1_000;

  @Inject Caller caller;
  @Inject RoomReads reads;
  @Inject TimelinePages pages;
  @Inject HistoryPages history;
  @Inject HistoryVisibility visibility;
  @Inject ClientEvents events;
  @Inject PageMembers members;
  @Inject Partitions partitions;

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/messages")
  @RunOnVirtualThread
  public Response messages(
      @PathParam("roomId") String roomId,
      @QueryParam("dir") @Nullable String dir,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("filter") @Nullable String filterJson) {
    caller.session();
    RoomId room = Ids.room(roomId);
    boolean back = isBack(Params.required(dir, "dir"));
    EventFilter filter = RoomEventFilters.parse(filterJson);
    int wanted = (int) Params.integer(limit, "limit", LIMIT_DEFAULT, LIMIT_MAX);
    wanted = Math.min(wanted, filter.limit().orElse(LIMIT_MAX));
    RoomAccess.Access access = reads.require(caller, room);
    long newest = access.upTo().packed();
    long start = Math.min(boundary(room, from, "from", back ? newest : Long.MIN_VALUE), newest);
    long end = boundary(room, to, "to", back ? Long.MIN_VALUE : newest);
    Predicate<EventRow> shown =
        row -> filter.matches(row.pdu()) && visibility.isVisible(row, access);
    TimelinePages.Page page =
        back
            ? history.back(room, caller.user(), new HistoryPages.Range(end, start, wanted), shown)
            : pages.forward(room, start, Math.min(end, newest), wanted, shown);
    return Replies.ok(json(room, start, page, filter));
  }

  private ObjectNode json(RoomId room, long start, TimelinePages.Page page, EventFilter filter) {
    ObjectNode json = Json.object();
    json.put("start", PageToken.encode(start));
    if (page.more()) {
      json.put("end", PageToken.encode(page.boundary()));
    }
    ArrayNode chunk = json.putArray("chunk");
    List<EventRow> rows = filter.matchesRoom(room) ? page.rows() : List.of();
    rows.forEach(row -> chunk.add(events.withRoom(row, caller.session())));
    if (!rows.isEmpty()) {
      List<EventRow> senders = members.ofSenders(rows, rows.getLast(), filter);
      if (!senders.isEmpty()) {
        ArrayNode state = json.putArray("state");
        senders.forEach(row -> state.add(events.withRoom(row, caller.session())));
      }
    }
    return json;
  }

  private static boolean isBack(String dir) {
    return switch (dir) {
      case "b" -> true;
      case "f" -> false;
      default -> throw MatrixError.invalidParam("dir must be b or f");
    };
  }

  private long boundary(RoomId room, @Nullable String token, String name, long absent) {
    if (token == null || token.isEmpty()) {
      return absent;
    }
    return PageToken.decode(token, partitions.ofRoom(room.value()))
        .orElseThrow(() -> MatrixError.invalidParam(name + " is no token of this server"));
  }
}
