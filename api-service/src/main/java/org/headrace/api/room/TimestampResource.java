package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import org.headrace.api.event.EventTimes;
import org.headrace.api.event.HistoryVisibility;
import org.headrace.api.event.RoomAccess;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.call.History;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * GET /timestamp_to_event. While the room's beginning is missing here, another server is asked too;
 * its answer counts if it is nearer, and history is fetched towards it.
 */
@Path("/")
public class TimestampResource {
  /** Servers that are asked. */
  private static final int SERVERS_ASKED_MAX = 3;

  /** Times that history is asked for on the way to an event of the past. */
  private static final int FILLED_MAX = 3;

  private static final Duration FILL_WAIT_MAX = Duration.ofSeconds(10);

  @Inject Caller caller;
  @Inject RoomReads reads;
  @Inject RoomsView rooms;
  @Inject TimelineView timeline;
  @Inject EventTimes times;
  @Inject HistoryVisibility visibility;
  @Inject GapFiller gaps;
  @Inject Tenants tenants;
  @Inject FederationCalls calls;

  @GET
  @Path("_matrix/client/v1/rooms/{roomId}/timestamp_to_event")
  @RunOnVirtualThread
  public Response nearest(
      @PathParam("roomId") String roomId,
      @QueryParam("ts") @Nullable String ts,
      @QueryParam("dir") @Nullable String dir) {
    caller.session();
    RoomId room = Ids.room(roomId);
    EventTimes.Asked asked = EventTimes.parse(ts, dir);
    RoomAccess.Access access = reads.require(caller, room);
    Optional<EventRow> own =
        times.nearest(
            room, asked, row -> isWithin(row, access) && visibility.isVisible(row, access));
    Optional<History.Found> other =
        rooms.gaps(room).isEmpty() ? Optional.empty() : elsewhere(room, asked);
    boolean nearer =
        other.isPresent()
            && (own.isEmpty()
                || asked.isNearer(
                    other.get().originServerTs(),
                    own.get().pdu().path("origin_server_ts").asLong()));
    if (nearer) {
      fetch(room, other.get());
      return Replies.ok(json(other.get()));
    }
    return own.map(EventTimes::json)
        .map(Replies::ok)
        .orElseThrow(() -> MatrixError.notFound("There is no event in this direction"));
  }

  private static boolean isWithin(EventRow row, RoomAccess.Access access) {
    Long place = row.place();
    return place != null && place <= access.upTo().packed();
  }

  private static ObjectNode json(History.Found found) {
    return Json.object()
        .put("event_id", found.event().value())
        .put("origin_server_ts", found.originServerTs());
  }

  private Optional<History.Found> elsewhere(RoomId room, EventTimes.Asked asked) {
    ServerName own = caller.user().server();
    for (ServerName server :
        rooms.servers(room).stream()
            .filter(name -> !tenants.isHosted(name))
            .limit(SERVERS_ASKED_MAX)
            .toList()) {
      try {
        History.Found found =
            calls.history().at(new Link(own, server), room, asked.ts(), asked.forward());
        if (asked.isIn(found.originServerTs())) {
          return Optional.of(found);
        }
      } catch (FederationException e) {
        // The next one may know.
      }
    }
    return Optional.empty();
  }

  /** So that the event can be read, if it is not too far away. */
  private void fetch(RoomId room, History.Found found) {
    long deadline = System.nanoTime() + FILL_WAIT_MAX.toNanos();
    for (int i = 0; i < FILLED_MAX && timeline.event(room, found.event()).isEmpty(); i++) {
      Optional<RoomsView.Gap> gap = gaps.highest(room, Long.MIN_VALUE, Long.MAX_VALUE);
      if (gap.isEmpty() || !gaps.fill(room, caller.user(), gap.get(), deadline)) {
        return;
      }
    }
  }
}
