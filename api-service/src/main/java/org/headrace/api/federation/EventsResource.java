package org.headrace.api.federation;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.headrace.api.Params;
import org.headrace.api.federation.SharedRooms.Shared;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * One event, the state before it, and what authorises it (server-server API, "Retrieving events",
 * "Retrieving event authorisation information").
 */
@Path("/")
public class EventsResource {
  @Inject Peers peers;
  @Inject SharedRooms rooms;
  @Inject TimelineView timeline;
  @Inject StateView state;
  @Inject ShownPdus shown;
  @Inject AuthChains chains;
  @Inject LargeAnswers answers;
  @Inject Clock clock;

  @GET
  @Path("_matrix/federation/v1/event/{eventId}")
  @RunOnVirtualThread
  public Response event(@PathParam("eventId") String eventId) {
    Peer peer = peers.require();
    EventId id = Ids.event(eventId);
    Optional<EventRow> row = Optional.empty();
    for (RoomId room : timeline.roomsOf(id)) {
      if (row.isEmpty() && rooms.find(room, peer).isPresent()) {
        rooms.requireMember(room, peer);
        row = timeline.event(room, id).filter(EventsResource::isKept);
      }
    }
    return Replies.ok(
        transaction(
            peer, clock, List.of(shown.visible(row.orElseThrow(EventsResource::notFound), peer))));
  }

  @GET
  @Path("_matrix/federation/v1/state/{roomId}")
  @RunOnVirtualThread
  public Response state(
      @PathParam("roomId") String roomId, @QueryParam("event_id") @Nullable String eventId) {
    Peer peer = peers.require();
    EventRow at = placed(peer, roomId, eventId);
    List<EventId> ids = stateBefore(at);
    return answers.of(
        peer,
        json -> {
          json.writeArrayFieldStart("pdus");
          List<EventId> named =
              chains.read(at.roomId(), ids, row -> json.writePOJO(shown.whole(row)));
          json.writeEndArray();
          json.writeArrayFieldStart("auth_chain");
          chains.walk(at.roomId(), named, row -> json.writePOJO(shown.whole(row)));
          json.writeEndArray();
        });
  }

  @GET
  @Path("_matrix/federation/v1/state_ids/{roomId}")
  @RunOnVirtualThread
  public Response stateIds(
      @PathParam("roomId") String roomId, @QueryParam("event_id") @Nullable String eventId) {
    Peer peer = peers.require();
    EventRow at = placed(peer, roomId, eventId);
    List<EventId> ids = stateBefore(at);
    return answers.of(
        peer,
        json -> {
          json.writeArrayFieldStart("pdu_ids");
          List<EventId> named = chains.read(at.roomId(), ids, row -> writeId(json, row));
          json.writeEndArray();
          json.writeArrayFieldStart("auth_chain_ids");
          chains.walk(at.roomId(), named, row -> writeId(json, row));
          json.writeEndArray();
        });
  }

  @GET
  @Path("_matrix/federation/v1/event_auth/{roomId}/{eventId}")
  @RunOnVirtualThread
  public Response eventAuth(
      @PathParam("roomId") String roomId, @PathParam("eventId") String eventId) {
    Peer peer = peers.require();
    Shared shared = rooms.requireMember(Ids.room(roomId), peer);
    EventRow row =
        timeline
            .event(shared.id(), Ids.event(eventId))
            .filter(EventsResource::isKept)
            .orElseThrow(EventsResource::notFound);
    return answers.of(
        peer,
        json -> {
          json.writeArrayFieldStart("auth_chain");
          chains.walk(
              shared.id(),
              AuthChains.authEvents(row),
              authorising -> json.writePOJO(shown.whole(authorising)));
          json.writeEndArray();
        });
  }

  private static void writeId(JsonGenerator json, EventRow row) throws IOException {
    json.writeString(row.eventId().value());
  }

  /** The event of which the state is known. */
  private EventRow placed(Peer peer, String roomId, @Nullable String eventId) {
    EventId id = Ids.event(Params.required(eventId, "event_id"));
    Shared shared = rooms.requireMember(Ids.room(roomId), peer);
    return timeline
        .event(shared.id(), id)
        .filter(row -> isKept(row) && !row.outlier())
        .orElseThrow(EventsResource::notFound);
  }

  private List<EventId> stateBefore(EventRow row) {
    return state.allBefore(row.roomId(), row.eventId()).stream()
        .map(StateView.Entry::eventId)
        .toList();
  }

  /** A rejected event is relayed to nobody (server-server API, "Rejection"). */
  static boolean isKept(EventRow row) {
    return row.verdict() != Verdict.REJECTED;
  }

  static MatrixError notFound() {
    return MatrixError.notFound("The event is not known here");
  }

  /** {@code {origin, origin_server_ts, pdus}}. */
  static ObjectNode transaction(Peer peer, Clock clock, List<ObjectNode> pdus) {
    ObjectNode json = Json.object().put("origin", peer.tenant().value());
    json.put("origin_server_ts", clock.millis());
    json.putArray("pdus").addAll(pdus);
    return json;
  }
}
