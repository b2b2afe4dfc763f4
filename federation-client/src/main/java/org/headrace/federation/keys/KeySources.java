package org.headrace.federation.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.Deadline;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;

/** Asks servers for their keys, and notaries for those of others; some at a time. */
final class KeySources {
  /** Servers in one question to a notary. */
  static final int NOTARY_SERVERS_MAX = 100;

  private static final CallLimits NOTARY = CallLimits.KEYS.withResponseBytesMax(8L << 20);

  private final FederationClient client;
  private final InstantSource clock;
  private final Semaphore turns;

  /** Nobody could be asked: too many others are waiting. */
  static final class NoTurn extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Sources of which so many are asked at a time.
   *
   * @param fetchesMax requests at a time
   */
  KeySources(FederationClient client, InstantSource clock, int fetchesMax) {
    this.client = client;
    this.clock = clock;
    this.turns = new Semaphore(fetchesMax, true);
  }

  /** {@code GET /_matrix/key/v2/server}. */
  PublishedKeys fromServer(ServerName server, Deadline turn) throws FederationException, NoTurn {
    ObjectNode answer =
        inTurn(
            FederationRequest.unsignedGet(server, Target.of("/_matrix/key/v2/server")),
            CallLimits.KEYS,
            turn);
    try {
      PublishedKeys published = PublishedKeys.parse(answer, clock.millis());
      if (!published.server().equals(server)) {
        throw new InvalidJsonException("these are the keys of another server");
      }
      return published;
    } catch (InvalidJsonException e) {
      throw new FederationException(Reason.BAD_RESPONSE, String.valueOf(e.getMessage()));
    }
  }

  /**
   * {@code POST /_matrix/key/v2/query}. What is malformed or not signed by the notary is left out.
   *
   * @param isSigned whether the notary has signed one entry of its answer
   */
  List<PublishedKeys> fromNotary(
      ServerName notary,
      Map<ServerName, KeyNeed> needs,
      BiPredicate<ServerName, ObjectNode> isSigned,
      Deadline turn)
      throws FederationException, NoTurn {
    ObjectNode body = Json.object();
    ObjectNode servers = body.putObject("server_keys");
    for (Map.Entry<ServerName, KeyNeed> need : needs.entrySet()) {
      ObjectNode ids = servers.putObject(need.getKey().value());
      for (String keyId : need.getValue().keyIds()) {
        ids.putObject(keyId).put("minimum_valid_until_ts", need.getValue().atMillis());
      }
    }
    ObjectNode answer =
        inTurn(
            FederationRequest.unsignedPost(notary, Target.of("/_matrix/key/v2/query"), body),
            NOTARY,
            turn);
    List<PublishedKeys> published = new ArrayList<>();
    for (JsonNode entry : answer.path("server_keys")) {
      if (entry instanceof ObjectNode keys && isSigned.test(notary, keys)) {
        try {
          PublishedKeys parsed = PublishedKeys.parse(keys, clock.millis());
          if (needs.containsKey(parsed.server())) {
            published.add(parsed);
          }
        } catch (InvalidJsonException e) {
          // As if the notary did not have it.
        }
      }
    }
    return published;
  }

  private ObjectNode inTurn(FederationRequest request, CallLimits limits, Deadline turn)
      throws FederationException, NoTurn {
    try {
      if (!turns.tryAcquire(turn.remainingMillis(), TimeUnit.MILLISECONDS)) {
        throw new NoTurn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NoTurn();
    }
    try {
      return client.call(request, limits);
    } finally {
      turns.release();
    }
  }
}
