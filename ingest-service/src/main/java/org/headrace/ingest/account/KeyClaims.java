package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.jspecify.annotations.Nullable;

/** Claims one-time keys of hosted users, for their clients' peers here and on other servers. */
@ApplicationScoped
public class KeyClaims {
  /** Users of one claim. */
  public static final int USERS_MAX = 1000;

  @Inject Writes writes;

  /** {@code one_time_keys} of a claim: user to device to algorithm. */
  public SortedMap<UserId, SortedMap<String, String>> parse(JsonBody body) {
    List<JsonBody.Member> asked = body.requireObject("one_time_keys").members();
    if (asked.size() > USERS_MAX) {
      throw MatrixError.invalidParam("one claim may name " + USERS_MAX + " users at most");
    }
    SortedMap<UserId, SortedMap<String, String>> users = new TreeMap<>();
    for (JsonBody.Member member : asked) {
      SortedMap<String, String> devices = new TreeMap<>();
      for (Map.Entry<String, ?> device : member.value().json().properties()) {
        devices.put(
            Ids.device(device.getKey()).value(), member.value().requireString(device.getKey()));
      }
      users.put(Ids.user(member.name()), devices);
    }
    return users;
  }

  /** User to device to {key id: key}, of those users, all hosted, who have what is asked for. */
  public ObjectNode claim(SortedMap<UserId, SortedMap<String, String>> asked) {
    List<Callable<@Nullable ObjectNode>> claims = new ArrayList<>();
    List<UserId> users = new ArrayList<>();
    asked.forEach(
        (user, devices) -> {
          if (!devices.isEmpty()) {
            users.add(user);
            claims.add(() -> claim(user, devices));
          }
        });
    ObjectNode keys = Json.object();
    List<@Nullable ObjectNode> results = claims.isEmpty() ? List.of() : writes.all(claims);
    for (int i = 0; i < results.size(); i++) {
      ObjectNode devices = results.get(i);
      if (devices != null && !devices.isEmpty()) {
        keys.set(users.get(i).value(), devices);
      }
    }
    return keys;
  }

  /** The claimed keys by device; null for a user who does not exist. */
  private @Nullable ObjectNode claim(UserId user, SortedMap<String, String> devices) {
    Outcome outcome =
        writes
            .log()
            .submit(
                new AccountCommand.ClaimKeys(writes.newId(), writes.now(), user, devices),
                CommandLog.WAIT_LONG);
    if (outcome instanceof Outcome.Failed failed && failed.failure() == Failure.NOT_FOUND) {
      return null;
    }
    return Writes.result(outcome).get("devices") instanceof ObjectNode claimed ? claimed : null;
  }
}
