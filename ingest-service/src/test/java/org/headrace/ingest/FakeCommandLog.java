package org.headrace.ingest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.PresenceRecord;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;

/**
 * Keeps what was submitted; answers what a test has queued, else as an accepting topology would.
 */
@ApplicationScoped
public class FakeCommandLog implements CommandLog {
  final List<RoomCommand> rooms = new ArrayList<>();
  final List<AccountCommand> accounts = new ArrayList<>();
  final List<Object> ephemeral = new ArrayList<>();
  private final Map<UserId, PresenceRecord> presences = new HashMap<>();
  private final List<QueueKey> woken = new ArrayList<>();
  private final Queue<Outcome> outcomes = new ArrayDeque<>();
  private Consumer<RoomCommand> onSubmit = command -> {};
  private boolean silent;
  private int ids;

  synchronized void reset() {
    rooms.clear();
    accounts.clear();
    ephemeral.clear();
    presences.clear();
    woken.clear();
    outcomes.clear();
    silent = false;
    onSubmit = command -> {};
  }

  /** What a command that is waited for does to the views. */
  synchronized void onSubmit(Consumer<RoomCommand> effect) {
    onSubmit = effect;
  }

  synchronized void failNext(Failure failure) {
    failNext(failure, "refused");
  }

  synchronized void failNext(Failure failure, String message) {
    outcomes.add(new Outcome.Failed(failure, message));
  }

  synchronized void answerNext(ObjectNode result) {
    outcomes.add(new Outcome.Done(result));
  }

  synchronized void beSilent() {
    silent = true;
  }

  /** Queues whose destinations spoke to us. */
  synchronized List<QueueKey> woken() {
    return List.copyOf(woken);
  }

  synchronized List<RoomCommand> rooms() {
    return List.copyOf(rooms);
  }

  synchronized List<AccountCommand> accounts() {
    return List.copyOf(accounts);
  }

  synchronized List<Object> ephemeral() {
    return List.copyOf(ephemeral);
  }

  @Override
  public synchronized String newId() {
    return "id" + ids++;
  }

  @Override
  public synchronized Outcome submit(RoomCommand command, Duration wait) {
    rooms.add(command);
    ObjectNode result = Json.object();
    if (command instanceof RoomCommand.CreateRoom create) {
      result.put("room_id", create.roomId().value());
    } else if (command instanceof RoomCommand.UpgradeRoom upgrade) {
      result.put("replacement_room", upgrade.create().roomId().value());
    } else {
      result.put("event_id", "$event");
    }
    onSubmit.accept(command);
    return outcome(result);
  }

  @Override
  public synchronized Outcome submit(AccountCommand command, Duration wait) {
    accounts.add(command);
    return outcome(Json.object());
  }

  @Override
  public synchronized Outcome submit(AccountCommand command, String outcomeId, Duration wait) {
    accounts.add(command);
    AccountCommand.CreateRoomWithAlias saga = (AccountCommand.CreateRoomWithAlias) command;
    return outcome(Json.object().put("room_id", saga.create().roomId().value()));
  }

  @Override
  public synchronized Outcome submit(RoomCommand command, String outcomeId, Duration wait) {
    return submit(command, wait);
  }

  @Override
  public synchronized void publish(List<RoomCommand> commands) {
    rooms.addAll(commands);
  }

  @Override
  public void publishPaced(List<RoomCommand> commands) {
    publish(commands);
  }

  @Override
  public synchronized void publish(QueueKey queue, QueueRecord record) {
    if (record instanceof QueueRecord.Wake) {
      woken.add(queue);
    } else {
      ephemeral.add(record);
    }
  }

  @Override
  public synchronized void publish(AccountCommand command) {
    accounts.add(command);
  }

  @Override
  public synchronized void publish(TypingRecord typing) {
    ephemeral.add(typing);
  }

  @Override
  public synchronized void publish(ReceiptRecord receipt) {
    ephemeral.add(receipt);
  }

  @Override
  public synchronized void publish(PresenceRecord presence) {
    ephemeral.add(presence);
    presences.put(presence.user(), presence);
  }

  /** The newest that was published of the user. */
  synchronized Optional<PresenceRecord> presence(UserId user) {
    return Optional.ofNullable(presences.get(user));
  }

  private Outcome outcome(ObjectNode result) {
    if (silent) {
      throw new NoAnswerException("silent");
    }
    Outcome queued = outcomes.poll();
    return queued != null ? queued : new Outcome.Done(result);
  }
}
