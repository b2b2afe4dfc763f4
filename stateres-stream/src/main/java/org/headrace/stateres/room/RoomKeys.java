package org.headrace.stateres.room;

import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.KeyPart;
import org.headrace.schema.record.RoomRecord.SentBy;

/**
 * The keys of a room partition's store. Cells: head, server, joined users of a server, redaction,
 * pending redaction, waiting event, its age, what waits for an event, join, upgrade, gap, minted
 * event, pending transaction, remote membership. Entries: event, outlier, tree node, transaction,
 * command.
 */
final class RoomKeys {
  private RoomKeys() {}

  /** Cell: {@link Head}. */
  static String head(RoomId room) {
    return "h|" + part(room);
  }

  /** Cell: present if this server is hosted here: it has acted for its users in the room. */
  static String server(RoomId room, ServerName server) {
    return servers(room) + server;
  }

  /** What the keys of {@link #server} begin with; the server's name follows. */
  static String servers(RoomId room) {
    return "s|" + part(room) + "|";
  }

  /** Cell: how many users of this server are joined in the current state; absent: none. */
  static String joined(RoomId room, ServerName server) {
    return "j|" + part(room) + "|" + server;
  }

  /** Cell: the id of the redaction that took this event's content. */
  static String redaction(RoomId room, EventId target) {
    return "r|" + part(room) + "|" + target;
  }

  /** Cells: redactions whose target is not known yet, or not by one that may. */
  static String pendingRedactions(RoomId room, EventId target) {
    return "p|" + part(room) + "|" + part(target) + "|";
  }

  /** Cell: {@link WaitingEvent}. */
  static String waiting(RoomId room, EventId event) {
    return waiting(room) + event;
  }

  static String waiting(RoomId room) {
    return "w|" + part(room) + "|";
  }

  /** Cells: the ids of waiting events, oldest first. */
  static String waitingSince(RoomId room) {
    return "o|" + part(room) + "|";
  }

  /** Cell: the id of this waiting event. */
  static String waitingSince(RoomId room, WaitingEvent event) {
    return waitingSince(room) + String.format("%016x", event.ts()) + "|" + event.id();
  }

  /** Cells: the ids of events that wait for this one. */
  static String waitingFor(RoomId room, EventId missing) {
    return "m|" + part(room) + "|" + part(missing) + "|";
  }

  /** Cell: {@link Joining}. */
  static String joining(RoomId room) {
    return "b|" + part(room);
  }

  /** Cell: {@link Upgrade}, the room's last. */
  static String upgrade(RoomId room) {
    return "u|" + part(room);
  }

  /** Cell: {@link Gap}. */
  static String gap(RoomId room, EventId gapId) {
    return gaps(room) + gapId;
  }

  static String gaps(RoomId room) {
    return "g|" + part(room) + "|";
  }

  /** Cell: {@link Minted}. */
  static String minted(RoomId room, EventId event) {
    return minted(room) + event;
  }

  static String minted(RoomId room) {
    return "y|" + part(room) + "|";
  }

  /** Cell: the minted event that a client's transaction made. */
  static String mintedBy(RoomId room, SentBy sentBy, String endpoint) {
    return "q" + transaction(room, sentBy, endpoint);
  }

  /** Cell: {@link Remembered}, a user's membership while the room is not held. */
  static String remembered(RoomId room, UserId user) {
    return "i|" + part(room) + "|" + user;
  }

  /** Entry: {@link KnownEvent}. */
  static String event(RoomId room, EventId event) {
    return "e|" + part(room) + "|" + event;
  }

  /** Entry: {@link KnownEvent}, of an event that is known by its auth events alone. */
  static String outlier(RoomId room, EventId event) {
    return "o|" + part(room) + "|" + event;
  }

  /** Entry: a node of state trees, shared by all rooms. */
  static String node(String hash) {
    return "n|" + hash;
  }

  /**
   * Entry: the event that a client's transaction made. The scope is device and endpoint
   * (client-server API, "Transaction identifiers"); {@link Transactions} has escaped the latter.
   */
  static String transaction(RoomId room, SentBy sentBy, String endpoint) {
    return "t|"
        + KeyPart.escape(room.value())
        + "|"
        + KeyPart.escape(sentBy.user().value())
        + "|"
        + KeyPart.escape(sentBy.device().value())
        + "|"
        + endpoint
        + "|"
        + KeyPart.escape(sentBy.txnId());
  }

  /** Entry: {@link SeenCommand}, for commands without a transaction. */
  static String command(RoomId room, String kind, String commandId) {
    return "c|" + part(room) + "|" + kind + "|" + commandId;
  }

  private static String part(RoomId room) {
    return KeyPart.escape(room.value());
  }

  private static String part(EventId event) {
    return KeyPart.escape(event.value());
  }
}
