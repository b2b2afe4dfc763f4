package org.headrace.stateres.room;

import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.schema.log.KeyPart;
import org.headrace.schema.record.RoomRecord.SentBy;

/**
 * The keys of a room partition's store. Cells: head, server, redaction, pending redaction, waiting
 * event, what waits for an event. Entries: event, tree node, transaction, command.
 */
final class RoomKeys {
  private RoomKeys() {}

  /** Cell: {@link Head}. */
  static String head(RoomId room) {
    return "h|" + room;
  }

  /** Cell: present if a user of this server has sent an event here by a client's command. */
  static String server(RoomId room, ServerName server) {
    return "s|" + room + "|" + server;
  }

  /** Cell: the id of the redaction that took this event's content. */
  static String redaction(RoomId room, EventId target) {
    return "r|" + room + "|" + target;
  }

  /** Cells: redactions whose target is not known yet, or not by one that may. */
  static String pendingRedactions(RoomId room, EventId target) {
    return "p|" + room + "|" + target + "|";
  }

  /** Cell: {@link WaitingEvent}. */
  static String waiting(RoomId room, EventId event) {
    return "w|" + room + "|" + event;
  }

  /** Cells: the ids of events that wait for this one. */
  static String waitingFor(RoomId room, EventId missing) {
    return "m|" + room + "|" + missing + "|";
  }

  /** Entry: {@link KnownEvent}. */
  static String event(RoomId room, EventId event) {
    return "e|" + room + "|" + event;
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
    return "c|" + room + "|" + kind + "|" + commandId;
  }
}
