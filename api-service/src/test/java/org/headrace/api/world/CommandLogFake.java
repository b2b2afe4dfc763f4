package org.headrace.api.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;

/** Keeps what is published; what is submitted, a test decides. */
public final class CommandLogFake implements CommandLog {
  private final List<AccountCommand.AcknowledgeToDevice> acknowledged = new ArrayList<>();
  private Function<RoomCommand, Outcome> room =
      command -> {
        throw new UnsupportedOperationException();
      };
  private Consumer<PresenceRecord> presence = record -> {};
  private int ids;

  /** The acknowledgements since the last call. */
  public List<AccountCommand.AcknowledgeToDevice> takeAcknowledged() {
    List<AccountCommand.AcknowledgeToDevice> taken = List.copyOf(acknowledged);
    acknowledged.clear();
    return taken;
  }

  @Override
  public String newId() {
    return "id" + ids++;
  }

  @Override
  public void publish(AccountCommand command) {
    acknowledged.add((AccountCommand.AcknowledgeToDevice) command);
  }

  @Override
  public Outcome submit(RoomCommand command, Duration wait) {
    return room.apply(command);
  }

  /** Who decides what readers ask of rooms. */
  public void decideRooms(Function<RoomCommand, Outcome> decider) {
    room = decider;
  }

  @Override
  public Outcome submit(AccountCommand command, Duration wait) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Outcome submit(AccountCommand command, String outcomeId, Duration wait) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Outcome submit(RoomCommand command, String outcomeId, Duration wait) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void publish(List<RoomCommand> commands) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void publishPaced(List<RoomCommand> commands) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void publish(QueueKey queue, QueueRecord record) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void publish(TypingRecord typing) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void publish(PresenceRecord record) {
    presence.accept(record);
  }

  /** Who is told of presence. */
  void onPresence(Consumer<PresenceRecord> listener) {
    presence = listener;
  }

  @Override
  public void publish(ReceiptRecord receipt) {
    throw new UnsupportedOperationException();
  }
}
