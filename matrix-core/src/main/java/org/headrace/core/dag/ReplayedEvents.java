package org.headrace.core.dag;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.RoomEvents;
import org.headrace.core.stateres.EventSource;

/**
 * The events of a replay as the rules read them. What an event names and is not there is left out
 * of its auth events, so that a walk along them ends there.
 */
final class ReplayedEvents implements RoomEvents {
  private static final int CACHED_EVENTS_MAX = 4096;

  private final RoomId room;
  private final Map<EventId, DagNode> nodes;
  private final Map<EventId, Pdu> parsed =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<EventId, Pdu> eldest) {
          return size() > CACHED_EVENTS_MAX;
        }
      };

  ReplayedEvents(RoomId room, Map<EventId, DagNode> nodes) {
    this.room = room;
    this.nodes = nodes;
  }

  DagNode node(EventId id) {
    DagNode node = nodes.get(id);
    if (node == null || !node.isPresent()) {
      throw new IllegalArgumentException("event " + id + " is missing");
    }
    return node;
  }

  @Override
  public boolean isKnown(EventId id) {
    DagNode node = nodes.get(id);
    return node != null && node.isDecided();
  }

  @Override
  public Pdu event(EventId id) {
    Pdu cached = parsed.get(id);
    if (cached == null) {
      cached = parse(node(id));
      parsed.put(id, cached);
    }
    return cached;
  }

  @Override
  public List<EventId> authEvents(EventId id) {
    return node(id).authEvents();
  }

  /** What is parsed is kept here. */
  @Override
  public EventSource cached() {
    return this;
  }

  @Override
  public boolean isAccepted(EventId id) {
    return node(id).isAccepted();
  }

  @Override
  public boolean isRejected(EventId id) {
    DagVerdict verdict = node(id).verdict;
    return verdict != null && verdict.isRejected();
  }

  @Override
  public long order(EventId id) {
    return node(id).order;
  }

  @Override
  public String rootBefore(EventId id) {
    return node(id).before;
  }

  @Override
  public String rootAfter(EventId id) {
    return node(id).after;
  }

  private Pdu parse(DagNode node) {
    byte[] skeleton = node.skeleton;
    if (skeleton == null) {
      throw new IllegalArgumentException("event " + node.id + " is missing");
    }
    ObjectNode json = Json.parseObject(skeleton);
    if (node.lacksAuthEvents()) {
      ArrayNode kept = Json.MAPPER.createArrayNode();
      int i = 0;
      for (JsonNode reference : json.path("auth_events")) {
        if (node.auth[i++].isDecided()) {
          kept.add(reference);
        }
      }
      json.set("auth_events", kept);
    }
    return new Pdu(node.id, room, json);
  }
}
