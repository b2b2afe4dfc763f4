package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;
import org.headrace.ingest.client.Writes;

/** Claims one-time keys of users of other servers, of all servers side by side. */
@ApplicationScoped
public class RemoteKeyClaims {
  @Inject FederationClient client;
  @Inject Writes writes;

  /**
   * What came.
   *
   * @param keys user to device to keys; nothing that was not asked for
   * @param failures the servers that did not answer, each {@code {}}
   */
  public record Claimed(ObjectNode keys, ObjectNode failures) {}

  private record Answer(ServerName server, ObjectNode keys, boolean failed) {}

  public Claimed claim(
      ServerName tenant, SortedMap<UserId, SortedMap<String, String>> asked, Duration wait) {
    SortedMap<ServerName, SortedMap<UserId, SortedMap<String, String>>> byServer = new TreeMap<>();
    asked.forEach(
        (user, devices) ->
            byServer.computeIfAbsent(user.server(), server -> new TreeMap<>()).put(user, devices));
    List<Callable<Answer>> tasks = new ArrayList<>();
    byServer.forEach(
        (server, users) -> tasks.add(() -> ask(new Link(tenant, server), users, wait)));
    Claimed claimed = new Claimed(Json.object(), Json.object());
    for (Answer answer : tasks.isEmpty() ? List.<Answer>of() : writes.all(tasks)) {
      claimed.keys().setAll(answer.keys());
      if (answer.failed()) {
        claimed.failures().putObject(answer.server().value());
      }
    }
    return claimed;
  }

  private Answer ask(Link link, SortedMap<UserId, SortedMap<String, String>> users, Duration wait) {
    ObjectNode body = Json.object();
    ObjectNode claims = body.putObject("one_time_keys");
    users.forEach(
        (user, devices) -> {
          ObjectNode ofUser = claims.putObject(user.value());
          devices.forEach(ofUser::put);
        });
    Target target = Target.of("/_matrix/federation/v1/user/keys/claim");
    try {
      ObjectNode answer =
          client.call(FederationRequest.post(link, target, body), CallLimits.QUERY.withTotal(wait));
      return new Answer(link.destination(), only(users, answer.path("one_time_keys")), false);
    } catch (FederationException e) {
      return new Answer(link.destination(), Json.object(), true);
    }
  }

  /** A server speaks for its own users, and for what it was asked. */
  private static ObjectNode only(
      SortedMap<UserId, SortedMap<String, String>> users, JsonNode answered) {
    ObjectNode keys = Json.object();
    users.forEach(
        (user, devices) -> {
          for (Map.Entry<String, JsonNode> device : answered.path(user.value()).properties()) {
            if (devices.containsKey(device.getKey()) && device.getValue().isObject()) {
              keys.withObjectProperty(user.value()).set(device.getKey(), device.getValue());
            }
          }
        });
    return keys;
  }
}
