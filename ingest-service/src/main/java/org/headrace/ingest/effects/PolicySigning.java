package org.headrace.ingest.effects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.ingest.client.Refusals;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.federation.Recommendations;
import org.headrace.ingest.room.CurrentState;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.effect.RoomEffect.SignByPolicy;
import org.jspecify.annotations.Nullable;

/** Asks a room's policy server to sign an event (server-server API, "Policy Servers"). */
@ApplicationScoped
public class PolicySigning {
  /** How often a server that does not answer is asked: a client waits. */
  static final int ATTEMPTS_MAX = 2;

  /** Views that do not know yet what the room has decided. */
  private static final int NOT_FOUND = 404;

  @Inject FederationCalls calls;
  @Inject LocalSignatures signatures;
  @Inject CurrentState current;
  @Inject FederationPolicy.OfTenants policies;
  @Inject Recommendations recommendations;
  @Inject Pauses pauses;
  @Inject Writes writes;

  /**
   * What a policy server said.
   *
   * @param signatures its valid one; empty if it refused
   * @param refusal for the client, or null
   */
  record Answer(ObjectNode signatures, @Nullable String refusal) {}

  void sign(SignByPolicy effect) throws InterruptedException {
    RoomVersion version = RoomVersion.find(effect.roomVersion()).orElse(RoomVersion.DEFAULT);
    ServerName tenant = new UserId(effect.event().path("sender").asText()).server();
    ObjectNode event = signatures.complete(effect.event(), version);
    Answer answer = ask(new Link(tenant, effect.server()), effect.roomId(), version, event);
    answer(effect, answer);
  }

  void giveUp(SignByPolicy effect) {
    answer(effect, new Answer(Json.object(), Refusals.silent(effect.server())));
  }

  /** Asks for a signature of the event, which is complete but for it. */
  Answer ask(Link link, RoomId room, RoomVersion version, ObjectNode event)
      throws InterruptedException {
    ServerName server = link.destination();
    String refusal = Refusals.silent(server);
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      pauses.before(attempt);
      try {
        return verified(room, version, event, asked(link, event));
      } catch (MatrixError e) {
        refusal = String.valueOf(e.getMessage());
        if (e.status() != NOT_FOUND) {
          break;
        }
      } catch (FederationException e) {
        if (!e.isTransient()) {
          refusal =
              e.refusal()
                  .map(
                      refused ->
                          refused.message().isEmpty() ? refused.errcode() : refused.message())
                  .orElse("the room's policy server cannot be asked: " + e.getMessage());
          break;
        }
      }
    }
    return new Answer(Json.object(), refusal);
  }

  /** Another tenant is asked here, by the rules that hold for servers from afar (design D9). */
  private ObjectNode asked(Link link, ObjectNode event) throws FederationException {
    return policies.reachesHere(link.tenant(), link.destination())
        ? recommendations.sign(new Peer(link.tenant(), link.destination()), event)
        : calls.policyServers().sign(link, event);
  }

  /** Its key is in the room's state, not among the keys that it publishes. */
  private Answer verified(RoomId room, RoomVersion version, ObjectNode event, ObjectNode answered) {
    PolicyServer server = current.policyServer(room).orElse(null);
    if (server == null || server.withRecommendation(event, version, answered).isEmpty()) {
      return new Answer(Json.object(), "the room's policy server did not sign the event");
    }
    ObjectNode theirs = Json.object();
    JsonNode signature = answered.path(server.via().value()).path(PolicyServer.KEY_ID);
    theirs.putObject(server.via().value()).set(PolicyServer.KEY_ID, signature);
    return new Answer(theirs, null);
  }

  private void answer(SignByPolicy effect, Answer answer) {
    List<RoomCommand> commands =
        List.of(
            new RoomCommand.AppendMinted(
                effect.id(),
                writes.now(),
                effect.roomId(),
                effect.eventId(),
                answer.refusal() == null ? answer.signatures() : null,
                answer.refusal()));
    writes.log().publish(commands);
  }
}
