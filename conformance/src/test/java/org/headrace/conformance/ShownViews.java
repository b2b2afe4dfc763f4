package org.headrace.conformance;

import static org.headrace.conformance.client.Client.V3;
import static org.headrace.conformance.client.Client.path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;

/** All that clients can read at one address, without what depends on when they ask. */
final class ShownViews {
  private ShownViews() {}

  static Map<String, String> at(URI address, List<Client> clients, List<String> rooms) {
    Map<String, String> shown = new TreeMap<>();
    for (Client each : clients) {
      Client client = each.at(address);
      String who = client.userId();
      JsonNode sync = client.syncRequest("timeout=0").ok();
      // Who is there, and for how long, depends on the moment.
      ((ObjectNode) sync).remove(List.of("next_batch", "presence"));
      shown.put(who + " /sync", timeless(sync));
      shown.put(who + " devices", timeless(client.get(V3 + "/devices").ok()));
      shown.put(
          who + " keys",
          timeless(
              client
                  .post(V3 + "/keys/query", Json.object("device_keys", Map.of(who, List.of())))
                  .ok()));
      shown.put(who + " profile", client.get(path(V3 + "/profile/{}", who)).text());
      shown.put(who + " rooms", client.get(V3 + "/joined_rooms").text());
    }
    Client reader = clients.getFirst().at(address);
    for (String room : rooms) {
      List<JsonNode> events = Load.timeline(reader, room);
      for (int n = 0; n < events.size(); n++) {
        shown.put(room + " event " + n, timeless(events.get(n)));
      }
      shown.put(room + " state", sorted(reader.get(path(V3 + "/rooms/{}/state", room)).ok()));
      shown.put(
          room + " members",
          sorted(reader.get(path(V3 + "/rooms/{}/members", room)).ok().path("chunk")));
    }
    return shown;
  }

  private static String sorted(JsonNode array) {
    return array.valueStream().map(ShownViews::timeless).sorted().toList().toString();
  }

  /** Ages and times of last use are of the moment and the process; tokens name positions. */
  private static String timeless(JsonNode json) {
    for (String moment : List.of("age", "last_seen_ts", "last_seen_ip", "prev_batch")) {
      json.findParents(moment).forEach(parent -> ((ObjectNode) parent).remove(moment));
    }
    return json.toString();
  }
}
