package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.json.Json;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;
import org.jboss.logging.Logger;

/** To-device messages: told until the client comes back with a token beyond them. */
@Singleton
public class ToDeviceProvider {
  /** Messages in one answer; the rest follows in the next. */
  static final int MESSAGES_MAX = 100;

  private static final Logger LOG = Logger.getLogger(ToDeviceProvider.class);

  private final AccountsView accounts;
  private final CommandLog commands;
  private final Clock clock;

  @Inject
  public ToDeviceProvider(AccountsView accounts, CommandLog commands, Clock clock) {
    this.accounts = accounts;
    this.commands = commands;
    this.clock = clock;
  }

  /** Events, and how far they go. */
  record Messages(List<ObjectNode> events, Position upTo) {}

  Messages messages(AccountsView.Session reader, Position after, Position upTo) {
    if (!upTo.isAfter(after)) {
      return new Messages(List.of(), upTo);
    }
    List<AccountItem.ToDevice> waiting =
        accounts.toDevice(reader.user(), reader.device(), after, upTo, MESSAGES_MAX);
    List<ObjectNode> events = new ArrayList<>(waiting.size());
    for (AccountItem.ToDevice message : waiting) {
      ObjectNode event = Json.object().put("type", message.type());
      event.put("sender", message.sender().value());
      event.set("content", message.content());
      events.add(event);
    }
    boolean all = waiting.size() < MESSAGES_MAX;
    return new Messages(events, all ? upTo : waiting.getLast().position());
  }

  /** The client has what a token of ours covers: those messages may go. */
  void acknowledge(AccountsView.Session reader, Position upTo) {
    boolean some =
        upTo.isAfter(Position.NONE)
            && !accounts.toDevice(reader.user(), reader.device(), Position.NONE, upTo, 1).isEmpty();
    if (!some) {
      return;
    }
    try {
      commands.publish(
          new AccountCommand.AcknowledgeToDevice(
              commands.newId(), clock.millis(), reader.user(), reader.device(), upTo));
    } catch (NoAnswerException e) {
      // They wait on, unseen: the next sync acknowledges them again.
      LOG.debugf("No acknowledgement for %s: %s", reader.user(), e.getMessage());
    }
  }
}
