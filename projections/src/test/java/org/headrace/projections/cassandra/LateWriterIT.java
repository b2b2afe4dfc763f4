package org.headrace.projections.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.member;
import static org.headrace.projections.LogFixture.message;

import java.util.ArrayList;
import java.util.List;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.RoomFold;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.view.OpenViews;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.RoomRecord;
import org.junit.jupiter.api.Test;

class LateWriterIT {
  /** A projector sleeps with a batch in its hands, and wakes after another went on without it. */
  @Test
  void aProjectorThatWakesUpLateChangesNothing() {
    OpenViews views = CassandraUnderTest.emptyViews();
    List<RoomRecord> records =
        List.of(
            member(ROOM, at(0), "a0", ALICE, "join").record(),
            member(ROOM, at(1), "b1", BOB, "join").record(),
            message(ROOM, at(2), "flip").change("m.room.topic", "", "a0").record(),
            member(ROOM, at(3), "b3", BOB, "leave").record(),
            message(ROOM, at(4), "flop").change("m.room.topic", "", null).record());
    for (int i = 0; i < records.size(); i++) {
      views.writer().write(batch(records, i, i + 1));
    }
    List<Object> before = answers(views);
    views.writer().write(batch(records, 0, 3));
    assertThat(answers(views)).isEqualTo(before);
    assertThat(views.writer().checkpoint(Topic.ROOM_LOG, 0)).isEqualTo(new Checkpoint(at(4), 5, 4));
  }

  private static ViewBatch batch(List<RoomRecord> records, int from, int to) {
    ViewBatch batch = new ViewBatch();
    for (int i = from; i < to; i++) {
      batch.addAll(at(i), RoomFold.fold(records.get(i)));
      batch.reach(Topic.ROOM_LOG, 0, new Checkpoint(at(i), i + 1, i));
    }
    return batch;
  }

  private static List<Object> answers(OpenViews views) {
    List<Object> answers = new ArrayList<>();
    answers.add(views.ports().rooms().members(ROOM));
    answers.add(views.ports().rooms().servers(ROOM));
    answers.add(views.ports().rooms().roomsOf(BOB));
    answers.add(views.ports().rooms().counts(ROOM));
    answers.add(views.ports().rooms().room(ROOM));
    answers.add(views.ports().state().all(ROOM, at(9)));
    answers.add(views.ports().timeline().newest(ROOM, -1, Long.MAX_VALUE, 9));
    return answers;
  }
}
