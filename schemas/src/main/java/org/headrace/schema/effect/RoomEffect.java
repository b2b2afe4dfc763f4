package org.headrace.schema.effect;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;

/**
 * A record of {@code room.effects}, keyed by room id: what a room needs from the network. The
 * result comes back as commands of the room; an effect may be met again under its {@code id}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RoomEffect.FetchEvents.class, name = "fetch_events"),
})
public sealed interface RoomEffect {
  String id();

  RoomId roomId();

  /** A received event names others that the room does not know; {@code origin} has them. */
  record FetchEvents(
      String id, RoomId roomId, ServerName origin, EventId eventId, List<EventId> missing)
      implements RoomEffect {}
}
