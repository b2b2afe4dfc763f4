package org.headrace.schema.tick;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Outcome;

/**
 * Tells every ingest and api node how far a partition is (design D4). On {@code room.ticks} and
 * {@code account.ticks}, in the partition of what it tells of; {@code key} is the room, user or
 * alias.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Tick.Decided.class, name = "decided"),
  @JsonSubTypes.Type(value = Tick.Visible.class, name = "visible"),
  @JsonSubTypes.Type(value = Tick.Ephemeral.class, name = "ephemeral"),
})
public sealed interface Tick {
  String key();

  /** From the topology: the command's outcome; {@code position} is its last record's. */
  record Decided(String key, String commandId, Position position, Outcome outcome)
      implements Tick {}

  /**
   * From the projector: the views hold this command's records. {@code users}: who is concerned
   * beyond those joined to the room (membership targets).
   */
  record Visible(String key, String commandId, Position position, List<UserId> users)
      implements Tick {}

  /**
   * From the projector: typing or receipts of the room, or the presence of the user, have changed.
   */
  record Ephemeral(String key) implements Tick {}
}
