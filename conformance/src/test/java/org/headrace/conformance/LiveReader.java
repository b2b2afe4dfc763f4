package org.headrace.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private final Map<String, List<Seen>> rooms = new LinkedHashMap<>();
  private final List<JsonNode> toDevice = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private final Thread thread;
  private volatile boolean stopped;
  private String since;

  /** An event, without what an hour of them would fill the memory with. */
  record Seen(String eventId, boolean isMessage) {
    static Seen of(JsonNode event) {
      return new Seen(event.path("event_id").asText(), Load.isMessage(event));
    }
  }

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
      List<Seen> gap = gap(joined.getKey(), timeline);
      synchronized (rooms) {
        List<Seen> seen = rooms.computeIfAbsent(joined.getKey(), room -> new ArrayList<>());
        seen.addAll(gap);
        timeline.path("events").forEach(event -> seen.add(Seen.of(event)));
      }
    }
    synchronized (rooms) {
      sync.at("/to_device/events").forEach(toDevice::add);
    }
    return sync.path("next_batch").asText();
  }

  /** The events between the last one seen and a limited timeline. */
  private List<Seen> gap(String room, JsonNode timeline) {
    List<Seen> gap = new ArrayList<>();
    if (!timeline.path("limited").asBoolean()) {
      return gap;
    }
    Set<String> known = new HashSet<>();
    synchronized (rooms) {
      rooms.getOrDefault(room, List.of()).forEach(seen -> known.add(seen.eventId()));
    }
    if (known.isEmpty()) {
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
        gap.addFirst(Seen.of(event));
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

  /** The ids of a room's messages, in the order in which they came. */
  List<String> messagesIn(String room) {
    synchronized (rooms) {
      return rooms.getOrDefault(room, List.of()).stream()
          .filter(Seen::isMessage)
          .map(Seen::eventId)
          .toList();
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
