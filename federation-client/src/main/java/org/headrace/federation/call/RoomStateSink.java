package org.headrace.federation.call;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Takes the events of a room's state as they come, in any order and number. An exception of its own
 * ends the call.
 */
public interface RoomStateSink {
  /** An event of the auth chain. */
  void authEvent(ObjectNode pdu);

  /** An event of the state. */
  void stateEvent(ObjectNode pdu);
}
