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
import java.util.ArrayList;
import java.util.List;
import org.headrace.api.Params;
import org.headrace.api.event.ClientEvents;
import org.headrace.api.event.HistoryVisibility;
import org.headrace.api.event.PageToken;
import org.headrace.api.event.RoomAccess;
import org.headrace.api.event.TimelinePages;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/** GET of one event, and of what stands around it. */
@Path("/")
public class RoomEventsResource {
  private static final long CONTEXT_LIMIT_DEFAULT = 10;
  private static final long CONTEXT_LIMIT_MAX = 100;

  @Inject Caller caller;
  @Inject RoomAccess accesses;
  @Inject HistoryVisibility visibility;
  @Inject TimelineView timeline;
  @Inject TimelinePages pages;
  @Inject StateView state;
  @Inject ClientEvents events;
  @Inject PageMembers members;

  /** A found event and the access it was found by. */
  private record Found(EventRow row, RoomAccess.Access access) {}

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/event/{eventId}")
  @RunOnVirtualThread
  public Response event(@PathParam("roomId") String roomId, @PathParam("eventId") String eventId) {
    Found found = find(Ids.room(roomId), Ids.event(eventId));
    return Replies.ok(events.withRoom(found.row(), caller.session()));
  }

  @GET
  @Path("_matrix/client/v3/rooms/{roomId}/context/{eventId}")
  @RunOnVirtualThread
  public Response context(
      @PathParam("roomId") String roomId,
      @PathParam("eventId") String eventId,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("filter") @Nullable String filterJson) {
    caller.session();
    int wanted = (int) Params.integer(limit, "limit", CONTEXT_LIMIT_DEFAULT, CONTEXT_LIMIT_MAX);
    EventFilter filter = RoomEventFilters.parse(filterJson);
    RoomId room = Ids.room(roomId);
    Found found = find(room, Ids.event(eventId));
    RoomAccess.Access access = found.access();
    Long place = found.row().place();
    if (place == null) {
      throw notFound();
    }
    java.util.function.Predicate<EventRow> shown =
        row -> filter.matches(row.pdu()) && visibility.isVisible(row, access);
    long upTo = access.upTo().packed();
    var before = pages.back(room, Long.MIN_VALUE, place - 1, wanted / 2, shown);
    var after = pages.forward(room, place, upTo, wanted - wanted / 2, shown);
    ObjectNode json = Json.object();
    json.put("start", PageToken.encode(before.boundary()));
    json.put("end", PageToken.encode(after.boundary()));
    json.set("event", events.withRoom(found.row(), caller.session()));
    put(json.putArray("events_before"), before.rows());
    put(json.putArray("events_after"), after.rows());
    List<EventRow> all = new ArrayList<>(before.rows());
    all.add(found.row());
    all.addAll(after.rows());
    EventRow last = after.rows().isEmpty() ? found.row() : after.rows().getLast();
    put(json.putArray("state"), members.stateAt(all, last, filter));
    return Replies.ok(json);
  }

  private void put(ArrayNode array, List<EventRow> rows) {
    rows.forEach(row -> array.add(events.withRoom(row, caller.session())));
  }

  /** What may not be seen is answered like what is not there. */
  private Found find(RoomId room, EventId event) {
    RoomAccess.Access access =
        accesses.of(room, caller.user()).orElseThrow(RoomEventsResource::notFound);
    return timeline
        .event(room, event)
        .filter(row -> row.verdict() == Verdict.ACCEPTED && !row.outlier())
        .filter(row -> visibility.isVisible(row, access))
        .map(row -> new Found(row, access))
        .orElseThrow(RoomEventsResource::notFound);
  }

  private static MatrixError notFound() {
    return MatrixError.notFound("There is no such event, or you may not see it");
  }
}
