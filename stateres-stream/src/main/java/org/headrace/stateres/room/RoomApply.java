package org.headrace.stateres.room;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.NodeSink;
import org.headrace.core.state.StateTree;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.RoomRecord.EventWaiting;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.StateView;
import org.headrace.schema.record.Verdict;
import org.headrace.topology.machine.State;
import org.jspecify.annotations.Nullable;

/**
 * Folds the room's records into its state: the only mutator, run by decisions and by replay alike.
 * It reads nothing of a record but what the log holds, and it checks each root that a record
 * claims.
 */
final class RoomApply {
  private static final byte[] PRESENT = {1};
  static final int REDACTIONS_PENDING_MAX = 64;

  private final RoomStore store;

  RoomApply(RoomStore store) {
    this.store = store;
  }

  void apply(State state, RoomRecord record) {
    switch (record) {
      case EventDecided event -> applyEvent(state, event);
      case EventWaiting waiting -> applyWaiting(state, waiting);
      case RoomRecord.EventRedacted redacted -> applyRedacted(state, redacted);
      // Views fold these; the room itself need not remember them.
      case RoomRecord.RoomForgotten forgotten -> {}
      case RoomRecord.DevicesChanged changed -> {}
      case RoomRecord.CommandSettled settled -> {}
    }
    applyCommand(state, record);
  }

  private void applyEvent(State state, EventDecided event) {
    RoomId room = event.roomId();
    Head head = store.head(state, room);
    if (head == null) {
      head = new Head(event.roomVersion(), List.of(), StateTree.EMPTY, 0);
    }
    StateTree tree = store.tree(state);
    NodeSink sink = (hash, bytes) -> state.putEntry(RoomKeys.node(hash), bytes);
    String before = event.before() == null ? head.root() : update(tree, head, event.before(), sink);
    String after = before;
    StateKey key = stateKey(event);
    if (key != null && event.verdict() != Verdict.REJECTED) {
      after = tree.put(before, key, event.eventId(), sink);
    }
    String current = update(tree, head, event.current(), sink);
    store.putEvent(
        state,
        new KnownEvent(
            event.eventId(),
            room,
            KnownEvent.order(event.position()),
            event.verdict(),
            before,
            after,
            event.skeleton()));

    List<Head.Tip> tips = new ArrayList<>();
    for (EventId id : event.extremities()) {
      KnownEvent tip = store.requireEvent(state, room, id);
      tips.add(new Head.Tip(id, tip.pdu().depth(), tip.after()));
    }
    int waiting = head.waiting() == 0 ? 0 : head.waiting() - stopWaiting(state, event);
    store.putHead(state, room, new Head(head.version(), List.copyOf(tips), current, waiting));

    if (event.verdict() == Verdict.ACCEPTED) {
      noteServer(state, event);
      notePendingRedaction(state, event, head.roomVersion());
    }
  }

  /** The root of the state that the view names by its changes; it must be the one it claims. */
  private static String update(StateTree tree, Head head, StateView view, NodeSink sink) {
    Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
    for (StateChange change : view.changes()) {
      changes.put(change.key(), Optional.ofNullable(change.eventId()));
    }
    String root = tree.update(head.root(), changes, sink);
    if (!root.equals(view.root())) {
      throw new IllegalStateException("the changes lead to root " + root + ", not " + view.root());
    }
    return root;
  }

  private static @Nullable StateKey stateKey(EventDecided event) {
    var key = event.skeleton().get("state_key");
    return key == null ? null : new StateKey(event.skeleton().path("type").asText(), key.asText());
  }

  /**
   * Only events from elsewhere carry signatures: ours are signed when they are first sent there.
   */
  static boolean isLocal(EventDecided event) {
    return event.skeleton().path("signatures").isEmpty();
  }

  private static void noteServer(State state, EventDecided event) {
    if (!isLocal(event)) {
      return;
    }
    UserId sender = new UserId(event.skeleton().path("sender").asText());
    String key = RoomKeys.server(event.roomId(), sender.server());
    if (state.cell(key) == null) {
      state.putCell(key, PRESENT);
    }
  }

  private void notePendingRedaction(State state, EventDecided event, RoomVersion version) {
    EventId target = Redactions.target(event.skeleton(), version).orElse(null);
    if (target == null || store.event(state, event.roomId(), target) != null) {
      return;
    }
    String prefix = RoomKeys.pendingRedactions(event.roomId(), target);
    if (state.cells(prefix, REDACTIONS_PENDING_MAX).size() < REDACTIONS_PENDING_MAX) {
      state.putCell(prefix + event.eventId(), utf8(event.eventId().value()));
    }
  }

  private static void applyRedacted(State state, RoomRecord.EventRedacted redacted) {
    state.putCell(
        RoomKeys.redaction(redacted.roomId(), redacted.target()),
        utf8(redacted.redaction().value()));
    String prefix = RoomKeys.pendingRedactions(redacted.roomId(), redacted.target());
    state.cells(prefix, REDACTIONS_PENDING_MAX).keySet().forEach(state::deleteCell);
  }

  private void applyWaiting(State state, EventWaiting waiting) {
    RoomId room = waiting.roomId();
    state.putCell(
        RoomKeys.waiting(room, waiting.eventId()),
        LogJson.encode(new WaitingEvent(waiting.eventId(), waiting.pdu(), waiting.missing())));
    for (EventId missing : waiting.missing()) {
      state.putCell(
          RoomKeys.waitingFor(room, missing) + waiting.eventId(), utf8(waiting.eventId().value()));
    }
    Head head = store.head(state, room);
    if (head == null) {
      throw new IllegalStateException("an event waits in a room that is not known");
    }
    store.putHead(state, room, head.withWaiting(head.waiting() + 1));
  }

  /**
   * Takes the event from those that wait, and from what others wait for; 1 if it waited, else 0.
   */
  private static int stopWaiting(State state, EventDecided event) {
    RoomId room = event.roomId();
    String prefix = RoomKeys.waitingFor(room, event.eventId());
    for (var waiter : state.cells(prefix, Reception.WAITING_EVENTS_MAX).entrySet()) {
      state.deleteCell(waiter.getKey());
      String key = RoomKeys.waiting(room, eventId(waiter.getValue()));
      byte[] bytes = state.cell(key);
      if (bytes != null) {
        WaitingEvent waiting = LogJson.decode(bytes, WaitingEvent.class);
        state.putCell(key, LogJson.encode(waiting.without(event.eventId())));
      }
    }
    String own = RoomKeys.waiting(room, event.eventId());
    if (state.cell(own) == null) {
      return 0;
    }
    state.deleteCell(own);
    return 1;
  }

  /** Remembers what the command became, by its first record. */
  private void applyCommand(State state, RoomRecord record) {
    if (record.position().ordinal() != 0) {
      return;
    }
    String kind = kind(record);
    SeenCommand seen = new SeenCommand(null, null);
    switch (record) {
      case EventDecided event -> {
        if (event.sentBy() != null) {
          String endpoint = Transactions.endpoint(event.skeleton(), event.roomVersion());
          state.putEntry(
              RoomKeys.transaction(event.roomId(), event.sentBy(), endpoint),
              utf8(event.eventId().value()));
          return;
        }
        if (!isLocal(event)) {
          return;
        }
        seen = new SeenCommand(event.eventId(), null);
      }
      case RoomRecord.CommandSettled settled -> {
        if (settled.outcome() instanceof Outcome.Failed failed
            && failed.failure() == Failure.INTERNAL) {
          return;
        }
        if (isRemembered(state, settled, "event") || isRemembered(state, settled, "devices")) {
          return; // A repeat.
        }
        seen = new SeenCommand(null, settled.outcome());
      }
      case RoomRecord.DevicesChanged changed -> {}
      case EventWaiting waiting -> {
        return;
      }
      case RoomRecord.EventRedacted redacted -> {
        return;
      }
      case RoomRecord.RoomForgotten forgotten -> {
        return;
      }
    }
    String key = RoomKeys.command(record.roomId(), kind, record.commandId());
    if (state.entry(key) == null) {
      state.putEntry(key, LogJson.encode(seen));
    }
  }

  private static boolean isRemembered(State state, RoomRecord record, String kind) {
    return state.entry(RoomKeys.command(record.roomId(), kind, record.commandId())) != null;
  }

  /** Parts the ids of different commands that have one source record. */
  static String kind(RoomRecord record) {
    return switch (record) {
      case EventDecided event -> "event";
      case RoomRecord.DevicesChanged changed -> "devices";
      case RoomRecord.CommandSettled settled -> "settled";
      case EventWaiting waiting -> "waiting";
      case RoomRecord.EventRedacted redacted -> "redacted";
      case RoomRecord.RoomForgotten forgotten -> "forgotten";
    };
  }

  static EventId eventId(byte[] utf8) {
    return new EventId(new String(utf8, StandardCharsets.UTF_8));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
