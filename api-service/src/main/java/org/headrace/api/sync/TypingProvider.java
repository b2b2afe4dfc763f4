package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Optional;
import java.util.SortedMap;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Position;

/**
 * Who types in a room. An expiry is no record, so what was last told is kept in the token, and
 * compared.
 */
@Singleton
public class TypingProvider {
  private final EphemeralView ephemeral;
  private final Clock clock;

  @Inject
  public TypingProvider(EphemeralView ephemeral, Clock clock) {
    this.ephemeral = ephemeral;
    this.clock = clock;
  }

  /**
   * The m.typing event, if who types is not what was told before.
   *
   * @param joining whether the room is new to whom this is told
   * @param told by hash of the room, hash of who was told to type; those who type now are put there
   */
  Optional<ObjectNode> typing(
      RoomId room,
      boolean joining,
      Position after,
      Position upTo,
      SortedMap<Integer, Integer> told) {
    int roomHash = hash(room);
    Integer before = told.get(roomHash);
    if (before == null && !upTo.isAfter(after)) {
      return Optional.empty();
    }
    EphemeralView.Typing typing = ephemeral.typing(room, clock.millis());
    boolean nobody = typing.users().isEmpty();
    int now = nobody ? 0 : typing.users().hashCode();
    boolean changed;
    if (before != null) {
      changed = nobody || before != now;
    } else {
      // Also that somebody began and stopped since: another answer may have told of it meanwhile.
      boolean began = !nobody && told.size() < SyncToken.TYPING_ROOMS_MAX;
      changed = began || (!joining && typing.changed().isAfter(after));
    }
    if (!changed) {
      return Optional.empty();
    }
    if (nobody) {
      told.remove(roomHash);
    } else if (before != null || told.size() < SyncToken.TYPING_ROOMS_MAX) {
      told.put(roomHash, now);
    }
    ObjectNode event = Json.object().put("type", "m.typing");
    ArrayNode users = event.putObject("content").putArray("user_ids");
    typing.users().forEach(user -> users.add(user.value()));
    return Optional.of(event);
  }

  /** What a token names a room by: two with one hash would only share an expiry. */
  static int hash(RoomId room) {
    return room.value().hashCode();
  }
}
