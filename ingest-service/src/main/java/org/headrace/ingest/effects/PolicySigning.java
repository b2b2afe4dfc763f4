package org.headrace.ingest.effects;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.ingest.client.Refusals;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.Signed;
import org.headrace.ingest.room.CurrentState;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.effect.RoomEffect.SignByPolicy;
import org.jspecify.annotations.Nullable;

/** Asks a room's policy server to sign an event (server-server API, "Policy Servers"). */
@ApplicationScoped
public class PolicySigning {
  /** How often a server that does not answer is asked: a client waits. */
  static final int ATTEMPTS_MAX = 2;

  private static final StateKey POLICY = new StateKey("m.room.policy", "");
  private static final String KEY_ID = "ed25519:policy_server";

  @Inject FederationCalls calls;
  @Inject LocalSignatures signatures;
  @Inject CurrentState current;
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
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      pauses.before(attempt);
      try {
        ObjectNode answered = calls.policyServers().sign(link, event);
        return verified(room, version, server, event, answered);
      } catch (FederationException e) {
        if (!e.isTransient()) {
          String message =
              e.refusal()
                  .map(
                      refused ->
                          refused.message().isEmpty() ? refused.errcode() : refused.message())
                  .orElse("the room's policy server cannot be asked: " + e.getMessage());
          return new Answer(Json.object(), message);
        }
      }
    }
    return new Answer(Json.object(), Refusals.silent(server));
  }

  /** Its key is in the room's state, not among the keys that it publishes. */
  private Answer verified(
      RoomId room, RoomVersion version, ServerName server, ObjectNode event, ObjectNode answered) {
    ObjectNode theirs = Json.object();
    theirs.putObject(server.value()).set(KEY_ID, answered.path(server.value()).path(KEY_ID));
    String key =
        current
            .event(room, POLICY)
            .map(Pdu::content)
            .map(content -> content.path("public_keys").path("ed25519").asText())
            .orElse("");
    boolean valid;
    try {
      valid =
          EventSignatures.verify(
              Signed.merged(event, theirs), version, server, KEY_ID, UnpaddedBase64.decode(key));
    } catch (IllegalArgumentException e) {
      valid = false;
    }
    return valid
        ? new Answer(theirs, null)
        : new Answer(Json.object(), "the room's policy server did not sign the event");
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
