package org.headrace.projections.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.OTHER_ROOM;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.id;

import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.TypingRecord;
import org.junit.jupiter.api.Test;

public abstract class EphemeralViewContract extends ViewContract {
  @Test
  void knowsWhoTypesUntilTheDeadline() {
    typing(1, ALICE, 1000);
    typing(2, BOB, 2000);
    assertThat(views.ephemeral().typing(ROOM, 999))
        .isEqualTo(new EphemeralView.Typing(List.of(ALICE, BOB), at(2)));
    assertThat(views.ephemeral().typing(ROOM, 1000))
        .isEqualTo(new EphemeralView.Typing(List.of(BOB), at(2)));
    typing(3, BOB, 0);
    assertThat(views.ephemeral().typing(ROOM, 1000))
        .isEqualTo(new EphemeralView.Typing(List.of(), at(3)));
    assertThat(views.ephemeral().typing(OTHER_ROOM, 0))
        .isEqualTo(new EphemeralView.Typing(List.of(), Position.NONE));
  }

  @Test
  void keepsTheNewestReceiptOfEachUserTypeAndThread() {
    receipt(1, ROOM, ALICE, "m.read", null, "e1");
    receipt(2, ROOM, BOB, "m.read", null, "e1");
    receipt(3, ROOM, ALICE, "m.read", null, "e2");
    receipt(4, ROOM, ALICE, "m.read", "main", "e2");
    receipt(5, ROOM, ALICE, "m.read.private", null, "e3");
    receipt(6, OTHER_ROOM, ALICE, "m.read", null, "o1");
    assertThat(views.ephemeral().receipts(ROOM, Position.NONE, at(9)))
        .extracting(EphemeralView.Receipt::position)
        .containsExactly(at(2), at(3), at(4), at(5));
    assertThat(views.ephemeral().receipts(ROOM, at(3), at(4)))
        .extracting(r -> r.receipt().threadId())
        .containsExactly("main");
  }

  @Test
  void keepsTheNewestOfOneBatch() {
    ViewBatch batch = new ViewBatch();
    for (int i = 1; i <= 3; i++) {
      batch.addAll(at(i), List.of(receiptRow(i, ROOM, ALICE, "m.read", null, "e" + i)));
    }
    views.writer().write(batch);
    assertThat(views.ephemeral().receipts(ROOM, Position.NONE, at(9)))
        .extracting(r -> r.receipt().eventId())
        .containsExactly(id("e3"));
  }

  @Test
  void aReceiptMetAgainChangesNothing() {
    receipt(1, ROOM, ALICE, "m.read", null, "e1");
    receipt(2, ROOM, ALICE, "m.read", null, "e2");
    receipt(1, ROOM, ALICE, "m.read", null, "e1");
    assertThat(views.ephemeral().receipts(ROOM, Position.NONE, at(9)))
        .extracting(r -> r.receipt().eventId())
        .containsExactly(id("e2"));
  }

  private void typing(long offset, UserId user, long until) {
    write(
        at(offset),
        List.of(new RowChange.TypingPut(at(offset), new TypingRecord(ROOM, user, until))));
  }

  private void receipt(
      long offset, RoomId room, UserId user, String type, String thread, String event) {
    write(at(offset), List.of(receiptRow(offset, room, user, type, thread, event)));
  }

  private static RowChange receiptRow(
      long offset, RoomId room, UserId user, String type, String thread, String event) {
    return new RowChange.ReceiptPut(
        at(offset), new ReceiptRecord(room, user, type, thread, id(event), 99));
  }
}
