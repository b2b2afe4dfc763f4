package org.headrace.core.vectors;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.EventSource;

/** Reads {@code /vectors/**.json}; {@code /vectors/README.md} describes them. */
public final class Vectors {
  private Vectors() {}

  public static JsonNode read(String name) {
    try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + name)) {
      assertNotNull(in, name);
      return Json.ownMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static RoomVersion version(JsonNode vector) {
    return RoomVersion.find(vector.path("room_version").asText()).orElseThrow();
  }

  /** An event as a vector writes it: with its id, given and not computed. */
  public static Pdu event(JsonNode json) {
    EventId id = new EventId(json.path("event_id").asText());
    String room =
        json.has("room_id") ? json.path("room_id").asText() : "!" + id.value().substring(1);
    ObjectNode pdu = json.deepCopy();
    pdu.remove("rejected");
    return new Pdu(id, new RoomId(room), pdu);
  }

  public static List<EventId> ids(JsonNode array) {
    List<EventId> ids = new ArrayList<>();
    array.forEach(entry -> ids.add(new EventId(entry.asText())));
    return ids;
  }

  /** The events of a vector; they are ordered as they stand there, after their auth events. */
  public static Source source(JsonNode events, boolean ordered) {
    return new Source(events, ordered);
  }

  /** What a resolution reads, and which of it was rejected. */
  public static final class Source implements EventSource {
    private final Map<EventId, Pdu> events = new TreeMap<>();
    private final Map<EventId, Long> orders = new TreeMap<>();
    private final SortedSet<EventId> rejected = new TreeSet<>();

    private Source(JsonNode list, boolean ordered) {
      for (JsonNode json : list) {
        Pdu event = Vectors.event(json);
        if (events.put(event.id(), event) != null) {
          throw new IllegalArgumentException("twice: " + event.id());
        }
        orders.put(event.id(), ordered ? events.size() : 0L);
        if (json.path("rejected").asBoolean(false)) {
          rejected.add(event.id());
        }
      }
    }

    public List<Pdu> all() {
      return List.copyOf(events.values());
    }

    @Override
    public Pdu event(EventId id) {
      Pdu event = events.get(id);
      if (event == null) {
        throw new IllegalArgumentException("no event " + id);
      }
      return event;
    }

    @Override
    public boolean isRejected(EventId id) {
      return rejected.contains(id);
    }

    @Override
    public long order(EventId id) {
      return orders.getOrDefault(id, 0L);
    }
  }
}
