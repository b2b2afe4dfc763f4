package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.headrace.api.event.ClientEvents;
import org.headrace.api.event.PageToken;
import org.headrace.api.event.RoomAccess;
import org.headrace.core.json.Json;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EventRow;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountItem;

/** One room's part of the answer, put together from the providers. */
@Singleton
public class RoomSections {
  private final RoomTimelineProvider timelines;
  private final StateProvider states;
  private final SummaryProvider summaries;
  private final ReceiptsProvider receipts;
  private final TypingProvider typing;
  private final RoomAccess access;
  private final ClientEvents events;

  @Inject
  public RoomSections(
      RoomTimelineProvider timelines,
      StateProvider states,
      SummaryProvider summaries,
      ReceiptsProvider receipts,
      TypingProvider typing,
      RoomAccess access,
      ClientEvents events) {
    this.timelines = timelines;
    this.states = states;
    this.summaries = summaries;
    this.receipts = receipts;
    this.typing = typing;
    this.access = access;
    this.events = events;
  }

  /** What a section needs besides its room's window. */
  record Context(
      SyncRequest request,
      SyncToken.RoomPositions since,
      SyncToken.RoomPositions now,
      List<AccountItem.AccountData> accountData,
      SortedMap<Integer, Integer> typingTold) {
    AccountsView.Session reader() {
      return request.session();
    }
  }

  /** A joined room; empty if nothing of it is new. */
  Optional<ObjectNode> joined(RoomWindow window, Context context) {
    SyncRequest request = context.request();
    boolean full = window.isNewlyJoined() || request.fullState();
    RoomAccess.Access whole =
        new RoomAccess.Access(window.room(), window.user(), window.now(), window.now());
    var shown =
        timelines.timeline(window, whole, request.filter().timeline(), window.isNewlyJoined());
    var summary = summaries.summary(window, full);
    var wanted =
        new StateProvider.Wanted(
            full,
            request.stateAfter(),
            window.now(),
            summary.map(SummaryProvider.Summary::heroes).orElse(List.of()));
    List<EventRow> state =
        full || window.hasRecords()
            ? states.state(window, shown, request.filter().state(), wanted)
            : List.of();
    List<ObjectNode> ephemeral = ephemeral(window, context);
    List<ObjectNode> data =
        AccountDataProvider.events(
            context.accountData(), window.room(), request.filter().roomAccountData());
    boolean nothing =
        !full
            && shown.rows().isEmpty()
            && state.isEmpty()
            && summary.isEmpty()
            && ephemeral.isEmpty()
            && data.isEmpty();
    if (nothing) {
      return Optional.empty();
    }
    ObjectNode section = Json.object();
    summary.ifPresent(known -> section.set("summary", known.json()));
    putStateAndTimeline(section, shown, state, request);
    putEvents(section, "ephemeral", ephemeral);
    putEvents(section, "account_data", data);
    section
        .putObject("unread_notifications")
        .put("highlight_count", 0)
        .put("notification_count", 0);
    return Optional.of(section);
  }

  /** A room that the user left or was banned from, up to that and not beyond it. */
  ObjectNode left(RoomWindow window, Context context) {
    SyncRequest request = context.request();
    RoomAccess.Access until = access.at(window.room(), window.user(), window.now());
    // A refused invitation, say: nothing may be read, but the change itself is told.
    RoomAccess.Access reading =
        until.wasJoined()
            ? until
            : new RoomAccess.Access(
                window.room(), window.user(), window.member().position(), Position.NONE);
    boolean whole = !window.wasJoined() && until.joinedUntil().isAfter(window.since());
    var shown =
        timelines
            .toldElsewhere(window)
            .orElseGet(
                () -> timelines.timeline(window, reading, request.filter().timeline(), whole));
    boolean full = whole || (request.fullState() && until.wasJoined());
    List<EventRow> state = List.of();
    if (full || window.wasJoined()) {
      var wanted = new StateProvider.Wanted(full, request.stateAfter(), reading.upTo(), List.of());
      state = states.state(window, shown, request.filter().state(), wanted);
    }
    ObjectNode section = Json.object();
    putStateAndTimeline(section, shown, state, request);
    putEvents(
        section,
        "account_data",
        AccountDataProvider.events(
            context.accountData(), window.room(), request.filter().roomAccountData()));
    return section;
  }

  private List<ObjectNode> ephemeral(RoomWindow window, Context context) {
    var filter = context.request().filter().ephemeral();
    List<ObjectNode> found = new ArrayList<>();
    if (!filter.matchesRoom(window.room())) {
      return found;
    }
    boolean joining = window.isNewlyJoined();
    Position typingAfter = joining ? Position.NONE : context.since().typing();
    typing
        .typing(window.room(), joining, typingAfter, context.now().typing(), context.typingTold())
        .filter(filter::matches)
        .ifPresent(found::add);
    Position after = joining ? Position.NONE : context.since().receipts();
    receipts.receipts(window.room(), window.user(), after, context.now().receipts()).stream()
        .filter(filter::matches)
        .forEach(found::add);
    return found;
  }

  private void putStateAndTimeline(
      ObjectNode section,
      RoomTimelineProvider.Timeline shown,
      List<EventRow> state,
      SyncRequest request) {
    List<ObjectNode> stateEvents =
        state.stream().map(row -> events.withoutRoom(row, request.session())).toList();
    putEvents(section, request.stateAfter() ? "state_after" : "state", stateEvents);
    ObjectNode timeline = section.putObject("timeline");
    ArrayNode array = timeline.putArray("events");
    shown.rows().forEach(row -> array.add(events.withoutRoom(row, request.session())));
    timeline.put("limited", shown.limited());
    timeline.put("prev_batch", PageToken.encode(shown.boundary()));
  }

  static void putEvents(ObjectNode section, String name, List<ObjectNode> list) {
    ArrayNode array = section.putObject(name).putArray("events");
    list.forEach(array::add);
  }
}
