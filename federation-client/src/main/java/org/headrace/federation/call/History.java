package org.headrace.federation.call;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** Events before others: backfill, missing events, the event of a time. */
public final class History {
  private final FederationClient client;

  /** An event and its {@code origin_server_ts}. */
  public record Found(EventId event, long originServerTs) {}

  public History(FederationClient client) {
    this.client = client;
  }

  /** {@code GET /backfill}: these events and those before them, as the server orders them. */
  public List<ObjectNode> backfill(Link link, RoomId room, Collection<EventId> from, int limit)
      throws FederationException {
    Target target =
        Target.of("/_matrix/federation/v1/backfill").segment(room).query("limit", limit);
    from.forEach(event -> target.query("v", event));
    return Answers.objects(
        client.call(FederationRequest.get(link, target), CallLimits.EVENTS), "pdus");
  }

  /** {@code POST /get_missing_events}: what lies between the earliest and the latest. */
  public List<ObjectNode> missing(Link link, RoomId room, Between between, int limit)
      throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/get_missing_events").segment(room);
    ObjectNode body = Json.object().put("limit", limit).put("min_depth", between.minDepth());
    addAll(body.putArray("earliest_events"), between.earliest());
    addAll(body.putArray("latest_events"), between.latest());
    return Answers.objects(
        client.call(FederationRequest.post(link, target, body), CallLimits.EVENTS), "events");
  }

  /**
   * Which missing events are asked for.
   *
   * @param earliest what is held, where the server stops
   * @param latest whose predecessors are missing
   * @param minDepth nothing of a smaller depth
   */
  public record Between(Collection<EventId> earliest, Collection<EventId> latest, long minDepth) {}

  /** {@code GET /timestamp_to_event}: the event that is closest to the time, in a direction. */
  public Found at(Link link, RoomId room, long millis, boolean forwards)
      throws FederationException {
    Target target =
        Target.of("/_matrix/federation/v1/timestamp_to_event")
            .segment(room)
            .query("ts", millis)
            .query("dir", forwards ? "f" : "b");
    ObjectNode answer = client.call(FederationRequest.get(link, target), CallLimits.QUERY);
    return new Found(
        Answers.id(answer, "event_id", EventId::new), Answers.integer(answer, "origin_server_ts"));
  }

  private static void addAll(ArrayNode array, Collection<EventId> ids) {
    ids.forEach(id -> array.add(id.value()));
  }
}
