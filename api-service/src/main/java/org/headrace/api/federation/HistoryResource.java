package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.List;
import org.headrace.api.Params;
import org.headrace.api.event.EventTimes;
import org.headrace.api.federation.SharedRooms.Shared;
import org.headrace.core.id.EventId;
import org.headrace.core.json.Json;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.headrace.projections.view.EventRow;
import org.jspecify.annotations.Nullable;

/**
 * What went before events (server-server API, "Backfilling and retrieving missing events"), and the
 * event that is nearest to a time.
 */
@Path("/")
public class HistoryResource {
  /** Events of one answer to /backfill. */
  private static final int BACKFILL_EVENTS_MAX = 100;

  /** Events of one answer to /get_missing_events. */
  private static final int MISSING_EVENTS_MAX = 50;

  private static final int MISSING_EVENTS_DEFAULT = 10;

  /** Event ids that one request may name. */
  private static final int NAMED_EVENTS_MAX = 200;

  @Inject Peers peers;
  @Inject SharedRooms rooms;
  @Inject History history;
  @Inject ShownPdus shown;
  @Inject ServerVisibility visibility;
  @Inject EventTimes times;
  @Inject Clock clock;

  @GET
  @Path("_matrix/federation/v1/backfill/{roomId}")
  @RunOnVirtualThread
  public Response backfill(
      @PathParam("roomId") String roomId,
      @QueryParam("v") List<String> from,
      @QueryParam("limit") @Nullable String limit) {
    Peer peer = peers.require();
    Shared shared = rooms.requireMember(Ids.room(roomId), peer);
    Params.required(limit, "limit");
    int wanted = (int) Params.integer(limit, "limit", 0, BACKFILL_EVENTS_MAX);
    List<EventRow> rows = history.before(shared.id(), ids(from, "v"), wanted);
    return Replies.ok(EventsResource.transaction(peer, clock, shown(rows, peer)));
  }

  @POST
  @Path("_matrix/federation/v1/get_missing_events/{roomId}")
  @RunOnVirtualThread
  public Response missing(@PathParam("roomId") String roomId, byte @Nullable [] bytes) {
    Peers.Request asked = peers.require(bytes);
    JsonBody body = asked.body();
    Shared shared = rooms.requireMember(Ids.room(roomId), asked.peer());
    long limit = body.optionalInteger("limit").orElse((long) MISSING_EVENTS_DEFAULT);
    List<EventRow> rows =
        history.between(
            shared.id(),
            ids(body.strings("latest_events"), "latest_events"),
            ids(body.strings("earliest_events"), "earliest_events"),
            body.optionalInteger("min_depth").orElse(0L),
            (int) Math.clamp(limit, 0, MISSING_EVENTS_MAX));
    ObjectNode json = Json.object();
    json.putArray("events").addAll(shown(rows, asked.peer()));
    return Replies.ok(json);
  }

  @GET
  @Path("_matrix/federation/v1/timestamp_to_event/{roomId}")
  @RunOnVirtualThread
  public Response atTime(
      @PathParam("roomId") String roomId,
      @QueryParam("ts") @Nullable String ts,
      @QueryParam("dir") @Nullable String dir) {
    Peer peer = peers.require();
    Shared shared = rooms.requireMember(Ids.room(roomId), peer);
    EventTimes.Asked asked = EventTimes.parse(ts, dir);
    return times
        .nearest(shared.id(), asked, row -> visibility.isVisible(row, peer.origin()))
        .map(EventTimes::json)
        .map(Replies::ok)
        .orElseThrow(EventsResource::notFound);
  }

  private List<ObjectNode> shown(List<EventRow> rows, Peer peer) {
    return rows.stream().map(row -> shown.visible(row, peer)).toList();
  }

  private static List<EventId> ids(List<String> named, String parameter) {
    if (named.size() > NAMED_EVENTS_MAX) {
      throw MatrixError.invalidParam(
          parameter + " may name " + NAMED_EVENTS_MAX + " events at most");
    }
    return named.stream().map(Ids::event).toList();
  }
}
