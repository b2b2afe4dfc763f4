package org.headrace.schema.federation;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.DeviceListChange;
import org.jspecify.annotations.Nullable;

/** A record of {@code federation.queue}: one thing that a destination is to get from a tenant. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = QueueRecord.Pdu.class, name = "pdu"),
  @JsonSubTypes.Type(value = QueueRecord.Edu.class, name = "edu"),
  @JsonSubTypes.Type(value = QueueRecord.DeviceList.class, name = "device_list"),
  @JsonSubTypes.Type(value = QueueRecord.Wake.class, name = "wake"),
})
public sealed interface QueueRecord {
  /**
   * An event by name: its body stays where a redaction finds it.
   *
   * @param position of its record on {@code room.log}
   */
  record Pdu(RoomId roomId, EventId eventId, Position position) implements QueueRecord {}

  /**
   * An ephemeral message (server-server API, "EDUs").
   *
   * @param replaces EDUs of one destination with an equal value: only the newest is of use; null:
   *     each one is
   */
  record Edu(String eduType, ObjectNode content, @Nullable String replaces)
      implements QueueRecord {}

  /**
   * A step of a user's device list, by name: what it says is read when it is sent. Of one user's
   * steps a destination is sent later ones alone, so a step that several rooms tell of goes once.
   */
  record DeviceList(UserId user, DeviceListChange change) implements QueueRecord {}

  /**
   * The destination spoke to us: what waits for it is worth a try now. Waits for nothing itself.
   */
  record Wake() implements QueueRecord {}
}
