package org.headrace.log.publish;

import java.time.Duration;
import java.util.List;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;

/**
 * The write side's way into the log. Methods block their (virtual) thread until the command is
 * durable and, where they return an outcome, until it is visible, or one second after it was
 * decided (design D4). Those that wait for an outcome throw {@link BusyException}, with nothing
 * published, when too many wait already. Safe for use by many threads.
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

  /**
   * Publishes a command whose outcome may be {@code pending: outcomeId}, and then waits for that
   * one.
   */
  Outcome submit(RoomCommand command, String outcomeId, Duration wait);

  /** Publishes without waiting for an outcome; returns when the log has it. */
  void publish(AccountCommand command);

  /** Publishes in this order without waiting for outcomes; returns when the log has all. */
  void publish(List<RoomCommand> commands);

  /**
   * As {@link #publish(List)}, a few at a time, so that commands of others come between them, until
   * nothing is decided for half a second: for what is bounded otherwise. Nobody may wait for these.
   */
  void publishPaced(List<RoomCommand> commands);

  /** Queues something for another server; returns when the log has it. */
  void publish(QueueKey queue, QueueRecord record);

  void publish(TypingRecord typing);

  void publish(ReceiptRecord receipt);

  void publish(PresenceRecord presence);
}
