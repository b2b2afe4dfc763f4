package org.headrace.ingest.effects;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.Link;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.ingest.client.Refusals;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.remote.ForeignSignatures;
import org.headrace.ingest.remote.ShownPdus;
import org.headrace.ingest.remote.Signed;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.effect.RoomEffect.SignInvite;
import org.jspecify.annotations.Nullable;

/** Asks an invited user's server to sign the invite (server-server API, "Inviting to a room"). */
@ApplicationScoped
public class InviteSigning {
  /** How often a server that does not answer is asked. */
  static final int ATTEMPTS_MAX = 3;

  @Inject FederationCalls calls;
  @Inject ForeignSignatures foreign;
  @Inject LocalSignatures signatures;
  @Inject PolicySigning policy;
  @Inject ShownPdus shown;
  @Inject Pauses pauses;
  @Inject Writes writes;

  void sign(SignInvite effect) throws InterruptedException {
    RoomVersion version = RoomVersion.find(effect.roomVersion()).orElse(RoomVersion.DEFAULT);
    ServerName tenant = new UserId(effect.event().path("sender").asText()).server();
    ObjectNode event = signatures.complete(effect.event(), version);
    ObjectNode added = Json.object();
    ServerName policyServer = effect.policyServer();
    if (policyServer != null) {
      PolicySigning.Answer answer =
          policy.ask(new Link(tenant, policyServer), effect.roomId(), version, event);
      if (answer.refusal() != null) {
        answer(effect, null, answer.refusal());
        return;
      }
      added.setAll(answer.signatures());
      event = Signed.merged(event, answer.signatures());
    }
    List<ObjectNode> state = new ArrayList<>();
    effect.inviteRoomState().forEach(id -> shown.find(effect.roomId(), id).ifPresent(state::add));
    Link link = new Link(tenant, effect.server());
    String refusal = Refusals.silent(effect.server());
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      pauses.before(attempt);
      try {
        ObjectNode answered =
            calls.invites().send(link, effect.roomId(), version, effect.eventId(), event, state);
        ObjectNode theirs = foreign.of(effect.server(), event, answered, version);
        answer(effect, Signed.union(added, theirs), null);
        return;
      } catch (FederationException e) {
        if (!e.isTransient()) {
          refusal = refusal(effect.server(), e);
          break;
        }
      }
    }
    answer(effect, null, refusal);
  }

  void giveUp(SignInvite effect) {
    answer(effect, null, Refusals.silent(effect.server()));
  }

  private static String refusal(ServerName server, FederationException e) {
    return e.refusal()
        .map(refused -> refused.message().isEmpty() ? refused.errcode() : refused.message())
        .orElseGet(() -> server + " cannot be invited from: " + e.getMessage());
  }

  private void answer(SignInvite effect, @Nullable ObjectNode signed, @Nullable String refusal) {
    List<RoomCommand> commands =
        List.of(
            new RoomCommand.AppendMinted(
                effect.id(), writes.now(), effect.roomId(), effect.eventId(), signed, refusal));
    writes.log().publish(commands);
  }
}
