package org.headrace.log.publish;

import java.time.Duration;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;

/**
 * The write side's way into the log. Methods block their (virtual) thread until the command is
 * durable and, where they return an outcome, until it is visible, or one second after it was
 * decided (design D4). Safe for use by many threads.
 */
public interface CommandLog {
  /** How long an operation that a transaction id makes safe to retry waits. */
  Duration WAIT = Duration.ofSeconds(10);

  /** How long one without (createRoom, register, claims) waits. */
  Duration WAIT_LONG = Duration.ofSeconds(60);

  /** A new command id. */
  String newId();

  /**
   * Publishes and waits for the outcome of {@code command.id()}; throws {@link NoAnswerException}.
   */
  Outcome submit(RoomCommand command, Duration wait);

  Outcome submit(AccountCommand command, Duration wait);

  /** Publishes a command whose outcome has another command's id (a saga's last step). */
  Outcome submit(AccountCommand command, String outcomeId, Duration wait);

  /** Publishes without waiting for an outcome; returns when the log has it. */
  void publish(AccountCommand command);

  void publish(TypingRecord typing);

  void publish(ReceiptRecord receipt);
}
