package org.headrace.stateres.room;

import java.nio.charset.StandardCharsets;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.Pending;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.RoomRecord.EventMinted;
import org.headrace.topology.machine.State;

/** Remembers what commands became, by their first records; for when they are met again. */
final class SeenCommands {
  private SeenCommands() {}

  static void note(State state, RoomRecord record) {
    switch (record) {
      case EventDecided event when event.sentBy() != null -> {
        String endpoint = Transactions.endpoint(event.skeleton(), event.roomVersion());
        state.putEntry(
            RoomKeys.transaction(event.roomId(), event.sentBy(), endpoint),
            event.eventId().value().getBytes(StandardCharsets.UTF_8));
      }
      case EventDecided event when event.isMadeHere() ->
          put(state, record, "event", new SeenCommand(event.eventId(), null));
      case EventMinted minted when minted.sentBy() != null -> {}
      case EventMinted minted ->
          put(state, record, "event", new SeenCommand(null, pending(minted.effectId())));
      case RoomRecord.CommandSettled settled -> noteSettled(state, settled);
      case RoomRecord.DevicesChanged changed ->
          put(state, record, "devices", new SeenCommand(null, null));
      case RoomRecord.JoinBegun begun -> put(state, record, "join", new SeenCommand(null, null));
      // A repeat of these does no harm, or they come of no command that is repeated.
      case EventDecided event -> {}
      case RoomRecord.EventWaiting waiting -> {}
      case RoomRecord.WaitingExpired expired -> {}
      case RoomRecord.RoomUndone undone -> {}
      case RoomRecord.OutlierDecided outlier -> {}
      case RoomRecord.MintedDropped dropped -> {}
      case RoomRecord.JoiningState joining -> {}
      case RoomRecord.JoinDropped dropped -> {}
      case RoomRecord.StateMoved moved -> {}
      case RoomRecord.UpgradeChanged upgrade -> {}
      case RoomRecord.GapChanged gap -> {}
      case RoomRecord.RemoteMembership remote -> {}
      case RoomRecord.EventRedacted redacted -> {}
      case RoomRecord.RoomForgotten forgotten -> {}
    }
  }

  /** The outcome of a command whose event waits for another server. */
  static Outcome pending(String effectId) {
    return new Outcome.Done(Json.object().put(Pending.MEMBER, effectId));
  }

  private static void noteSettled(State state, RoomRecord.CommandSettled settled) {
    if (settled.outcome() instanceof Outcome.Failed failed
        && failed.failure() == Failure.INTERNAL) {
      return;
    }
    for (String kind : new String[] {"event", "devices", "join"}) {
      if (state.entry(RoomKeys.command(settled.roomId(), kind, settled.commandId())) != null) {
        return; // A repeat.
      }
    }
    put(state, settled, "settled", new SeenCommand(null, settled.outcome()));
  }

  private static void put(State state, RoomRecord record, String kind, SeenCommand seen) {
    RoomId room = record.roomId();
    String key = RoomKeys.command(room, kind, record.commandId());
    if (state.entry(key) == null) {
      state.putEntry(key, LogJson.encode(seen));
    }
  }
}
