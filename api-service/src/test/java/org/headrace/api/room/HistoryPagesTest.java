package org.headrace.api.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.api.world.World.user;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.headrace.api.event.TimelinePages;
import org.headrace.api.world.World;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.EventRow;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.command.RoomCommand.RequestBackfill;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.record.RoomRecord.Asked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryPagesTest {
  private static final UserId ALICE = user("alice");
  private static final Asked ASKED = new Asked("e", 1);

  @TempDir Path folder;
  private World world;
  private RoomId room;
  private EventId first;
  private long top;
  private HistoryPages pages;
  private final List<RequestBackfill> requests = new ArrayList<>();

  @BeforeEach
  void open() {
    world = new World(folder);
    room = world.room(ALICE, "shared");
    first = world.timeline(room).getFirst();
    top = world.place(room, first) - 1;
    pages =
        new HistoryPages(
            world.pages,
            new GapFiller(world.views.rooms(), world.commands, world.wakeups, world.clock));
  }

  @AfterEach
  void close() {
    world.close();
  }

  private TimelinePages.Page back(int limit) {
    return pages.back(
        room, ALICE, new HistoryPages.Range(Long.MIN_VALUE, Long.MAX_VALUE, limit), row -> true);
  }

  private static List<EventId> ids(TimelinePages.Page page) {
    return page.rows().stream().map(EventRow::eventId).toList();
  }

  private void decide(Runnable effect) {
    world.commands.decideRooms(
        command -> {
          requests.add((RequestBackfill) command);
          effect.run();
          return new Outcome.Done(Json.object().put("effect", "e"));
        });
  }

  @Test
  void asksForWhatIsMissingAndReadsOn() {
    world.gap(room, first, top, null);
    List<EventId> past = new ArrayList<>();
    decide(
        () -> {
          long place = top - past.size();
          world.gap(room, first, place, ASKED);
          past.add(world.past(room, ALICE, place, past.isEmpty() ? first : past.getLast()));
          List<EventId> frontier = past.size() == 2 ? List.of() : List.of(past.getLast());
          world.gap(room, first, frontier, place - 1, null);
        });
    TimelinePages.Page page = back(100);
    List<EventId> expected = new ArrayList<>(world.timeline(room).reversed());
    expected.addAll(past);
    assertThat(ids(page)).isEqualTo(expected);
    assertThat(page.more()).isFalse();
    assertThat(requests).hasSize(2);
    RoomCommand.RequestBackfill request = requests.getFirst();
    assertThat(request.gapId()).isEqualTo(first);
    assertThat(request.asTenant()).isEqualTo(ALICE.server());
  }

  @Test
  void asksForNothingAboveAGap() {
    world.gap(room, first, top, null);
    decide(() -> {});
    assertThat(ids(back(2))).hasSize(2);
    assertThat(requests).isEmpty();
  }

  @Test
  void aPageThatEndsAtAGapIsContinued() {
    world.gap(room, first, top, null);
    decide(
        () -> {
          world.gap(room, first, top, ASKED);
          world.gap(room, first, top, null);
        });
    TimelinePages.Page page = back(100);
    assertThat(ids(page)).isEqualTo(world.timeline(room).reversed());
    assertThat(page.more()).isTrue();
    assertThat(page.boundary()).isEqualTo(top);
  }

  @Test
  void whatIsHeldBelowAGapThatNobodyFillsIsReadWithoutIt() {
    EventId last = world.message(room, ALICE, "after");
    long ceiling = world.place(room, last) - 1;
    world.gapAbove(room, last, ceiling, world.place(room, world.timeline(room).get(3)));
    world.commands.decideRooms(command -> new Outcome.Failed(Failure.INTERNAL, "no"));
    TimelinePages.Page newest = back(100);
    assertThat(ids(newest)).containsExactly(last);
    assertThat(newest.more()).isTrue();
    TimelinePages.Page below =
        pages.back(
            room,
            ALICE,
            new HistoryPages.Range(Long.MIN_VALUE, newest.boundary(), 100),
            row -> true);
    assertThat(ids(below)).isEqualTo(world.timeline(room).subList(0, 4).reversed());
    assertThat(below.more()).isFalse();
  }
}
