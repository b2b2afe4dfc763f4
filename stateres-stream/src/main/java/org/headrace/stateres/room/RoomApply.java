package org.headrace.stateres.room;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.state.NodeSink;
import org.headrace.core.state.StateTree;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.RoomRecord.EventMinted;
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
  static final int REDACTIONS_PENDING_MAX = 64;

  private final RoomStore store;
  private final Residency residency;

  RoomApply(RoomStore store, Residency residency) {
    this.store = store;
    this.residency = residency;
  }

  void apply(State state, RoomRecord record) {
    switch (record) {
      case EventDecided event -> applyEvent(state, event);
      case EventWaiting waiting -> applyWaiting(state, waiting);
      case RoomRecord.WaitingExpired expired -> applyExpired(state, expired);
      case RoomRecord.RoomUndone undone -> applyUndone(state, undone);
      case RoomRecord.OutlierDecided outlier -> applyOutlier(state, outlier);
      case EventMinted minted -> applyMinted(state, minted);
      case RoomRecord.MintedDropped dropped ->
          forgetMinted(state, dropped.roomId(), dropped.eventId());
      case RoomRecord.JoinBegun begun -> applyJoinBegun(state, begun);
      case RoomRecord.JoiningState joining -> applyJoiningState(state, joining);
      case RoomRecord.JoinDropped dropped -> giveUpJoin(state, dropped.roomId());
      case RoomRecord.StateMoved moved -> applyStateMoved(state, moved);
      case RoomRecord.UpgradeChanged upgrade ->
          state.putCell(RoomKeys.upgrade(upgrade.roomId()), LogJson.encode(Upgrade.of(upgrade)));
      case RoomRecord.GapChanged gap -> applyGap(state, gap);
      case RoomRecord.RemoteMembership remote -> applyRemote(state, remote);
      case RoomRecord.EventRedacted redacted -> applyRedacted(state, redacted);
      // Views fold these; the room itself need not remember them.
      case RoomRecord.RoomForgotten forgotten -> {}
      case RoomRecord.DevicesChanged changed -> {}
      case RoomRecord.CommandSettled settled -> {}
    }
    if (record.position().ordinal() == 0) {
      SeenCommands.note(state, record);
    }
  }

  private void applyEvent(State state, EventDecided event) {
    RoomId room = event.roomId();
    Head head = store.head(state, room);
    if (head == null) {
      head = Head.empty(event.roomVersion());
    }
    StateTree tree = store.tree(state);
    NodeSink sink = sink(state);
    StateView beforeView = event.before();
    String before =
        beforeView == null
            ? head.root()
            : update(tree, base(state, room, head, event), beforeView, sink);
    String after = before;
    StateKey key = stateKey(event);
    if (key != null && event.verdict() != Verdict.REJECTED) {
      after = tree.put(before, key, event.eventId(), sink);
    }
    String current = update(tree, head.root(), event.current(), sink);
    Pdu pdu = new Pdu(event.eventId(), room, event.skeleton());
    KnownEvent outlier = store.outlierBefore(state, room, pdu);
    boolean isPast = beforeView != null && beforeView.base() != null;
    store.putEvent(
        state,
        KnownEvent.decided(
            event.eventId(),
            room,
            event.position(),
            event.verdict(),
            before,
            after,
            event.skeleton(),
            outlier,
            isPast));

    if (event.verdict() == Verdict.ACCEPTED) {
      Optional<ServerName> tenant = event.sendAs();
      tenant.ifPresent(server -> Residency.noteHosted(state, room, server));
      notePendingRedaction(state, event, head.roomVersion());
    }
    int joined = residency.count(state, room, tree, head.root(), event.current(), head.joined());
    List<Head.Tip> tips = new ArrayList<>();
    for (EventId id : event.extremities()) {
      KnownEvent tip = store.requireEvent(state, room, id);
      tips.add(new Head.Tip(id, tip.pdu().depth(), tip.after()));
    }
    int waiting = head.waiting();
    if (waiting > 0) {
      WaitingRoom.met(state, room, event.eventId(), false);
      waiting -= WaitingRoom.remove(state, room, event.eventId());
    }
    Long place = isPast ? null : event.place();
    store.putHead(
        state,
        room,
        new Head(
            head.version(),
            List.copyOf(tips),
            current,
            waiting,
            joined,
            head.minted(),
            place == null ? head.shown() : place));
    if (head.minted() > 0) {
      forgetMinted(state, room, event.eventId());
    }
    Joining joining = store.joining(state, room);
    if (joining != null && joining.joinEvent().equals(event.eventId())) {
      state.deleteCell(RoomKeys.joining(room));
    }
  }

  /** What the state before the event is told against. */
  private String base(State state, RoomId room, Head head, EventDecided event) {
    EventId base = event.before() == null ? null : event.before().base();
    return base == null ? head.root() : store.requireEvent(state, room, base).before();
  }

  private static NodeSink sink(State state) {
    return (hash, bytes) -> state.putEntry(RoomKeys.node(hash), bytes);
  }

  /** The root of the state that the view names by its changes; it must be the one it claims. */
  private static String update(StateTree tree, String base, StateView view, NodeSink sink) {
    Map<StateKey, Optional<EventId>> changes = new TreeMap<>();
    for (StateChange change : view.changes()) {
      changes.put(change.key(), Optional.ofNullable(change.eventId()));
    }
    String root = tree.update(base, changes, sink);
    if (!root.equals(view.root())) {
      throw new IllegalStateException("the changes lead to root " + root + ", not " + view.root());
    }
    return root;
  }

  private static @Nullable StateKey stateKey(EventDecided event) {
    var key = event.skeleton().get("state_key");
    return key == null ? null : new StateKey(event.skeleton().path("type").asText(), key.asText());
  }

  private void applyOutlier(State state, RoomRecord.OutlierDecided outlier) {
    RoomId room = outlier.roomId();
    store.putEvent(
        state,
        KnownEvent.outlier(
            outlier.eventId(),
            room,
            KnownEvent.order(outlier.position()),
            outlier.verdict(),
            outlier.skeleton()));
    Head head = store.head(state, room);
    if (head != null && head.waiting() > 0) {
      WaitingRoom.met(state, room, outlier.eventId(), true);
    }
  }

  private void notePendingRedaction(State state, EventDecided event, RoomVersion version) {
    EventId target = Redactions.target(event.skeleton(), version).orElse(null);
    if (target == null || store.known(state, event.roomId(), target) != null) {
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
    Head head = requireHead(state, room);
    int added = WaitingRoom.add(state, waiting);
    store.putHead(state, room, head.withWaiting(head.waiting() + added));
  }

  private void applyExpired(State state, RoomRecord.WaitingExpired expired) {
    RoomId room = expired.roomId();
    if (WaitingRoom.remove(state, room, expired.eventId()) == 0) {
      throw new IllegalStateException("event " + expired.eventId() + " does not wait");
    }
    Head head = requireHead(state, room);
    store.putHead(state, room, head.withWaiting(head.waiting() - 1));
  }

  private void applyUndone(State state, RoomRecord.RoomUndone undone) {
    RoomId room = undone.roomId();
    Head head = requireHead(state, room);
    residency.count(state, room, store.tree(state), head.root(), undone.current(), head.joined());
    String prefix = RoomKeys.minted(room);
    for (String key : state.cells(prefix, Minted.MINTED_MAX).keySet()) {
      forgetMinted(state, room, new EventId(key.substring(prefix.length())));
    }
    state.deleteCell(RoomKeys.head(room));
  }

  private void applyMinted(State state, EventMinted minted) {
    Head head = requireHead(state, minted.roomId());
    store.putHead(state, minted.roomId(), head.withMinted(head.minted() + 1));
    long ts = minted.skeleton().path("origin_server_ts").asLong();
    state.putCell(
        RoomKeys.minted(minted.roomId(), minted.eventId()),
        LogJson.encode(
            new Minted(
                minted.eventId(),
                minted.skeleton(),
                minted.hasBody(),
                minted.effectId(),
                minted.sentBy(),
                ts,
                minted.position())));
    if (minted.sentBy() != null) {
      String endpoint = Transactions.endpoint(minted.skeleton(), minted.roomVersion());
      state.putCell(
          RoomKeys.mintedBy(minted.roomId(), minted.sentBy(), endpoint),
          utf8(minted.eventId().value()));
    }
  }

  private void forgetMinted(State state, RoomId room, EventId event) {
    Minted minted = store.minted(state, room, event);
    if (minted == null) {
      return;
    }
    Head head = requireHead(state, room);
    store.putHead(state, room, head.withMinted(head.minted() - 1));
    state.deleteCell(RoomKeys.minted(room, event));
    if (minted.sentBy() != null) {
      String endpoint = Transactions.endpoint(minted.skeleton(), head.version());
      state.deleteCell(RoomKeys.mintedBy(room, minted.sentBy(), endpoint));
    }
  }

  private void applyJoinBegun(State state, RoomRecord.JoinBegun begun) {
    RoomId room = begun.roomId();
    giveUpJoin(state, room);
    Head head = store.head(state, room);
    if (head == null) {
      store.putHead(state, room, Head.empty(begun.roomVersion()));
    } else if (head.tips().isEmpty()) {
      store.putHead(state, room, head.withVersion(begun.roomVersion()));
    }
    state.putCell(
        RoomKeys.joining(room),
        LogJson.encode(
            new Joining(
                begun.joinId(),
                begun.roomVersion(),
                begun.user(),
                begun.joinEvent(),
                StateTree.EMPTY,
                begun.ts())));
    Residency.noteHosted(state, room, begun.user().server());
  }

  private void applyJoiningState(State state, RoomRecord.JoiningState part) {
    Joining joining = store.joining(state, part.roomId());
    if (joining == null) {
      throw new IllegalStateException("state came for a join that is not under way");
    }
    String root = update(store.tree(state), joining.root(), part.state(), sink(state));
    state.putCell(RoomKeys.joining(part.roomId()), LogJson.encode(joining.with(root, part.ts())));
  }

  /** The join that was under way is none any more, and nothing waits in the room. */
  private void giveUpJoin(State state, RoomId room) {
    if (store.joining(state, room) != null) {
      state.deleteCell(RoomKeys.joining(room));
    }
    Head head = store.head(state, room);
    if (head != null && head.waiting() > 0) {
      WaitingRoom.clear(state, room);
      store.putHead(state, room, head.withWaiting(0));
    }
  }

  private Head requireHead(State state, RoomId room) {
    Head head = store.head(state, room);
    if (head == null) {
      throw new IllegalStateException("room " + room + " is not known");
    }
    return head;
  }

  private void applyStateMoved(State state, RoomRecord.StateMoved moved) {
    RoomId room = moved.roomId();
    Head head = requireHead(state, room);
    StateTree tree = store.tree(state);
    String root = update(tree, head.root(), moved.current(), sink(state));
    int joined = residency.count(state, room, tree, head.root(), moved.current(), head.joined());
    store.putHead(state, room, head.withState(root, joined));
  }

  private static void applyGap(State state, RoomRecord.GapChanged record) {
    Gap gap = Gap.of(record);
    String key = RoomKeys.gap(record.roomId(), record.gapId());
    if (gap.isClosed()) {
      state.deleteCell(key);
    } else {
      state.putCell(key, LogJson.encode(gap));
    }
  }

  private static void applyRemote(State state, RoomRecord.RemoteMembership remote) {
    state.putCell(
        RoomKeys.remembered(remote.roomId(), remote.user()),
        LogJson.encode(new Remembered(remote.membership(), remote.eventId())));
    Residency.noteHosted(state, remote.roomId(), remote.user().server());
  }

  static EventId eventId(byte[] utf8) {
    return new EventId(new String(utf8, StandardCharsets.UTF_8));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
