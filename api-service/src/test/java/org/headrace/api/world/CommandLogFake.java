package org.headrace.api.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.headrace.log.publish.CommandLog;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;

/** Keeps what is published; the read side submits nothing. */
public final class CommandLogFake implements CommandLog {
  private final List<AccountCommand.AcknowledgeToDevice> acknowledged = new ArrayList<>();
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
    throw new UnsupportedOperationException();
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
  public void publish(TypingRecord typing) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void publish(ReceiptRecord receipt) {
    throw new UnsupportedOperationException();
  }
}
