package org.headrace.schema.effect;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.jspecify.annotations.Nullable;

/**
 * A record of {@code room.effects}, keyed by room id: what a room needs from the network. The
 * result comes back as commands of the room; an effect may be met again under its {@code id}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = RoomEffect.FetchEvents.class, name = "fetch_events"),
  @JsonSubTypes.Type(value = RoomEffect.FetchHistory.class, name = "fetch_history"),
  @JsonSubTypes.Type(value = RoomEffect.SignInvite.class, name = "sign_invite"),
  @JsonSubTypes.Type(value = RoomEffect.SignByPolicy.class, name = "sign_by_policy"),
})
public sealed interface RoomEffect {
  String id();

  RoomId roomId();

  /**
   * A received event names others that the room does not know; {@code origin} has them.
   *
   * @param skeleton what redaction would keep of the event: whom it names, for one
   */
  record FetchEvents(
      String id,
      RoomId roomId,
      ServerName origin,
      EventId eventId,
      ObjectNode skeleton,
      List<EventId> missing)
      implements RoomEffect {}

  /** Someone reads to a gap; {@code asTenant} asks for what lies before its frontier. */
  record FetchHistory(
      String id,
      RoomId roomId,
      EventId gapId,
      ServerName asTenant,
      List<EventId> frontier,
      int limit)
      implements RoomEffect {}

  /**
   * A minted invite of a user of {@code server} wants that server's signature (PUT /invite).
   *
   * @param event without our signature: whoever shows it signs it
   * @param inviteRoomState events of the room's state to send along; their bodies are in the views
   * @param policyServer whose signature the event needs too, before the invite is sent, or null
   */
  record SignInvite(
      String id,
      RoomId roomId,
      EventId eventId,
      ServerName server,
      String roomVersion,
      ObjectNode event,
      List<EventId> inviteRoomState,
      @Nullable ServerName policyServer)
      implements RoomEffect {}

  /** A minted event wants the signature of the room's policy server (POST /policy/v1/sign). */
  record SignByPolicy(
      String id,
      RoomId roomId,
      EventId eventId,
      ServerName server,
      String roomVersion,
      ObjectNode event)
      implements RoomEffect {}
}
