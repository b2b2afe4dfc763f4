package org.headrace.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Reply;

/**
 * What a client that is always on sees: it syncs on and on, through restarts, fills gaps from
 * /messages, and keeps all events in the order in which they came.
 */
final class LiveReader implements AutoCloseable {
  private static final long RETRY_MILLIS = 100;
  private static final String FILTER = Client.encode("{\"room\": {\"timeline\": {\"limit\": 50}}}");

  private final Client client;
  private final Map<String, List<JsonNode>> rooms = new LinkedHashMap<>();
  private final List<JsonNode> toDevice = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private final Thread thread;
  private volatile boolean stopped;
  private String since;

  /** Begins with what the client's /sync gives now. */
  LiveReader(Client client) {
    this.client = client;
    since = take(client.syncRequest("timeout=0&filter=" + FILTER).ok());
    thread = Thread.ofVirtual().start(this::work);
  }

  private void work() {
    while (!stopped) {
      try {
        Reply reply =
            client.syncRequest("timeout=2000&filter=" + FILTER + "&since=" + Client.encode(since));
        if (reply.status() == 200) {
          since = take(reply.ok());
        } else if (reply.status() < 502) {
          fault(reply.toString());
          return;
        } else {
          pause();
        }
      } catch (UncheckedIOException away) {
        pause();
      } catch (RuntimeException | AssertionError e) {
        fault(e.toString());
        return;
      }
    }
  }

  private void fault(String text) {
    synchronized (rooms) {
      faults.add(text);
    }
  }

  private String take(JsonNode sync) {
    for (Map.Entry<String, JsonNode> joined : sync.at("/rooms/join").properties()) {
      JsonNode timeline = joined.getValue().path("timeline");
      List<JsonNode> gap = gap(joined.getKey(), timeline);
      synchronized (rooms) {
        List<JsonNode> seen = rooms.computeIfAbsent(joined.getKey(), room -> new ArrayList<>());
        seen.addAll(gap);
        timeline.path("events").forEach(seen::add);
      }
    }
    synchronized (rooms) {
      sync.at("/to_device/events").forEach(toDevice::add);
    }
    return sync.path("next_batch").asText();
  }

  /** The events between the last one seen and a limited timeline. */
  private List<JsonNode> gap(String room, JsonNode timeline) {
    List<String> known;
    synchronized (rooms) {
      known = ids(rooms.getOrDefault(room, List.of()));
    }
    List<JsonNode> gap = new ArrayList<>();
    if (known.isEmpty() || !timeline.path("limited").asBoolean()) {
      return gap;
    }
    String token = timeline.path("prev_batch").asText();
    while (!token.isEmpty()) {
      Reply reply;
      try {
        reply = client.messages(room, "dir=b&limit=100&from=" + Client.encode(token));
      } catch (UncheckedIOException away) {
        pause();
        continue;
      }
      if (reply.status() >= 502) {
        pause();
        continue;
      }
      JsonNode page = reply.ok();
      for (JsonNode event : page.path("chunk")) {
        if (known.contains(event.path("event_id").asText())) {
          return gap;
        }
        gap.addFirst(event);
      }
      token = page.path("end").asText("");
    }
    return gap;
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static List<String> ids(List<JsonNode> events) {
    return events.stream().map(event -> event.path("event_id").asText()).toList();
  }

  List<JsonNode> room(String room) {
    synchronized (rooms) {
      return List.copyOf(rooms.getOrDefault(room, List.of()));
    }
  }

  List<JsonNode> toDevice() {
    synchronized (rooms) {
      return List.copyOf(toDevice);
    }
  }

  /** Answers that no client should get. */
  List<String> faults() {
    synchronized (rooms) {
      return List.copyOf(faults);
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
