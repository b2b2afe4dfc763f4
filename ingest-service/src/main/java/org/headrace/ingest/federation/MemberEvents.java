package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.federation.HeldRooms.Held;
import org.headrace.ingest.remote.PduChecks;
import org.headrace.ingest.remote.PduChecks.Result;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;

/** The member events that other servers hand in one by one: joins, knocks, leaves, invites. */
@ApplicationScoped
public class MemberEvents {
  private static final String TYPE = "m.room.member";

  @Inject PduChecks checks;
  @Inject Writes writes;

  /**
   * The event in its form: of this room and id, a member event of this membership, by a user of the
   * server that sends it. Throws M_INVALID_PARAM. Signatures are still to be checked.
   */
  Pdu form(
      Peer peer, RoomId room, RoomVersion version, EventId id, ObjectNode json, String membership) {
    Pdu event =
        switch (PduChecks.form(json, version, room)) {
          case Result.Valid(Pdu pdu) -> pdu;
          case Result.Invalid invalid -> throw MatrixError.invalidParam(invalid.problem());
        };
    if (!event.id().equals(id)) {
      throw MatrixError.invalidParam("The event's id is not that of the path");
    }
    if (!event.type().equals(TYPE)
        || !event.content().path("membership").asText().equals(membership)) {
      throw MatrixError.invalidParam("The event is no member event of membership " + membership);
    }
    if (!event.sender().server().equals(peer.origin())) {
      throw MatrixError.invalidParam("The event's sender is not a user of " + peer.origin());
    }
    if (!EventHashes.contentHashMatches(json, version)) {
      throw MatrixError.invalidParam("The event's content hash is not that of its content");
    }
    return event;
  }

  /** As {@link #form}, where the sender is the one whose membership changes. */
  Pdu ownForm(Peer peer, Held room, EventId id, ObjectNode json, String membership) {
    Pdu event = form(peer, room.id(), room.version(), id, json, membership);
    if (!event.stateKey().orElse("").equals(event.sender().value())) {
      throw MatrixError.invalidParam("The event's state_key is not its sender");
    }
    return event;
  }

  /** Throws M_INVALID_PARAM if a signature is missing or wrong. */
  void requireSigned(Pdu event, RoomVersion version) {
    if (checks.signed(new Result.Valid(event), version) instanceof Result.Invalid invalid) {
      throw MatrixError.invalidParam(invalid.problem());
    }
  }

  /**
   * Gives the event to the room and waits for the verdict: throws M_FORBIDDEN for what the room
   * refuses, M_INVALID_PARAM for what hangs on events that are not known here.
   *
   * @param relayed whether the tenant brings the event to the room's other servers
   */
  void decide(Peer peer, Pdu event, boolean relayed) {
    if (verdict(peer, event, relayed).equals("WAITING")) {
      throw MatrixError.invalidParam("The event follows others that are not known here");
    }
  }

  /** As {@link #decide}, for an invite, whose predecessors may be on their way. */
  void decideInvite(Peer peer, Pdu event) {
    verdict(peer, event, false);
  }

  /**
   * Gives the event to a room that the tenant is not in. What becomes of it there is nobody's to
   * know; false only if the room is not held any more.
   */
  boolean decideUntold(Peer peer, Pdu event) {
    return !(submit(peer, event, false) instanceof Outcome.Failed failed
        && failed.failure() == Failure.NOT_FOUND);
  }

  private Outcome submit(Peer peer, Pdu event, boolean relayed) {
    return writes
        .log()
        .submit(
            new RoomCommand.ReceiveEvent(
                writes.newId(),
                writes.now(),
                event.roomId(),
                peer.origin(),
                event.json(),
                true,
                relayed ? peer.tenant() : null,
                null),
            CommandLog.WAIT);
  }

  private String verdict(Peer peer, Pdu event, boolean relayed) {
    Outcome outcome = submit(peer, event, relayed);
    if (outcome instanceof Outcome.Failed failed && failed.failure() == Failure.BAD_STATE) {
      throw MatrixError.invalidParam(failed.message());
    }
    String verdict = Writes.result(outcome).path("verdict").asText();
    if (verdict.equals("REJECTED") || verdict.equals("SOFT_FAILED")) {
      throw MatrixError.forbidden("The room's rules refuse this event");
    }
    return verdict;
  }
}
