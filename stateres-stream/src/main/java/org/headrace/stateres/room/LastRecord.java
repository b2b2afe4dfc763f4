package org.headrace.stateres.room;

import org.headrace.schema.record.RoomRecord;

/** A record that is said to be its command's last. */
final class LastRecord {
  private LastRecord() {}

  static RoomRecord of(RoomRecord record) {
    return switch (record) {
      case RoomRecord.EventDecided r ->
          new RoomRecord.EventDecided(
              r.position(),
              r.roomId(),
              r.commandId(),
              true,
              r.eventId(),
              r.roomVersion(),
              r.skeleton(),
              r.hasBody(),
              r.verdict(),
              r.rule(),
              r.before(),
              r.current(),
              r.extremities(),
              r.place(),
              r.sentBy(),
              r.relayAs(),
              r.waitedSince());
      case RoomRecord.EventWaiting r ->
          new RoomRecord.EventWaiting(
              r.position(),
              r.roomId(),
              r.commandId(),
              true,
              r.eventId(),
              r.skeleton(),
              r.hasBody(),
              r.missing(),
              r.ts(),
              r.waitedSince());
      case RoomRecord.WaitingExpired r ->
          new RoomRecord.WaitingExpired(r.position(), r.roomId(), r.commandId(), true, r.eventId());
      case RoomRecord.UpgradeChanged r ->
          new RoomRecord.UpgradeChanged(
              r.position(),
              r.roomId(),
              r.commandId(),
              true,
              r.upgradeId(),
              r.user(),
              r.toVersion(),
              r.replacement(),
              r.step(),
              r.ts(),
              r.tombstone());
      case RoomRecord.RoomUndone r ->
          new RoomRecord.RoomUndone(r.position(), r.roomId(), r.commandId(), true, r.current());
      case RoomRecord.OutlierDecided r ->
          new RoomRecord.OutlierDecided(
              r.position(),
              r.roomId(),
              r.commandId(),
              true,
              r.eventId(),
              r.roomVersion(),
              r.skeleton(),
              r.hasBody(),
              r.verdict(),
              r.rule());
      case RoomRecord.EventMinted r ->
          new RoomRecord.EventMinted(
              r.position(),
              r.roomId(),
              r.commandId(),
              true,
              r.eventId(),
              r.roomVersion(),
              r.skeleton(),
              r.hasBody(),
              r.effectId(),
              r.sentBy());
      case RoomRecord.MintedDropped r ->
          new RoomRecord.MintedDropped(
              r.position(), r.roomId(), r.commandId(), true, r.eventId(), r.outcome());
      case RoomRecord.JoinBegun r ->
          new RoomRecord.JoinBegun(
              r.position(),
              r.roomId(),
              r.commandId(),
              true,
              r.joinId(),
              r.roomVersion(),
              r.user(),
              r.joinEvent(),
              r.ts());
      case RoomRecord.JoiningState r ->
          new RoomRecord.JoiningState(
              r.position(), r.roomId(), r.commandId(), true, r.joinId(), r.state(), r.ts());
      case RoomRecord.JoinDropped r ->
          new RoomRecord.JoinDropped(
              r.position(), r.roomId(), r.commandId(), true, r.joinId(), r.outcome());
      case RoomRecord.StateMoved r ->
          new RoomRecord.StateMoved(r.position(), r.roomId(), r.commandId(), true, r.current());
      case RoomRecord.GapChanged r ->
          new RoomRecord.GapChanged(
              r.position(),
              r.roomId(),
              r.commandId(),
              true,
              r.gapId(),
              r.bottom(),
              r.frontier(),
              r.ceiling(),
              r.floor(),
              r.asked());
      case RoomRecord.RemoteMembership r ->
          new RoomRecord.RemoteMembership(
              r.position(),
              r.roomId(),
              r.commandId(),
              true,
              r.user(),
              r.membership(),
              r.eventId(),
              r.roomVersion(),
              r.skeleton(),
              r.hasBody());
      case RoomRecord.EventRedacted r ->
          new RoomRecord.EventRedacted(
              r.position(), r.roomId(), r.commandId(), true, r.target(), r.redaction());
      case RoomRecord.RoomForgotten r ->
          new RoomRecord.RoomForgotten(r.position(), r.roomId(), r.commandId(), true, r.user());
      case RoomRecord.DevicesChanged r ->
          new RoomRecord.DevicesChanged(
              r.position(), r.roomId(), r.commandId(), true, r.user(), r.changes());
      case RoomRecord.CommandSettled r ->
          new RoomRecord.CommandSettled(r.position(), r.roomId(), r.commandId(), true, r.outcome());
    };
  }
}
