package org.headrace.projections.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.OTHER_ROOM;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.id;

import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.RowChange;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
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

  @Test
  void knowsWhoIsThereAndWhenThatChanged() {
    PresenceRecord online = presence(1, 0, ALICE, Presence.ONLINE, 1_000, false);
    presence(2, 0, BOB, Presence.UNAVAILABLE, 2_000, false);
    assertThat(views.ephemeral().presenceReached(0)).isEqualTo(at(2));
    assertThat(views.ephemeral().presence(0, ALICE)).contains(online);
    assertThat(views.ephemeral().presence(1, ALICE)).isEmpty();
    assertThat(changed(0, Position.NONE, at(9))).containsExactly(ALICE, BOB);
    assertThat(changed(0, at(1), at(2))).containsExactly(BOB);
    assertThat(changed(0, Position.NONE, at(1))).containsExactly(ALICE);
    PresenceRecord offline = presence(3, 0, ALICE, Presence.OFFLINE, 0, false);
    assertThat(views.ephemeral().presenceReached(0)).isEqualTo(at(3));
    assertThat(views.ephemeral().presence(0, ALICE)).contains(offline);
    assertThat(changed(0, Position.NONE, at(9))).containsExactly(BOB, ALICE);
    assertThat(changed(0, at(1), at(2))).containsExactly(BOB);
  }

  @Test
  void aRenewedPresenceIsNoChangeButEndsLater() {
    presence(1, 0, ALICE, Presence.ONLINE, 1_000, false);
    PresenceRecord renewed = presence(2, 0, ALICE, Presence.ONLINE, 3_000, true);
    presence(1, 1, BOB, Presence.ONLINE, 2_000, false);
    assertThat(views.ephemeral().presenceReached(0)).isEqualTo(at(2));
    assertThat(views.ephemeral().presenceReached(1)).isEqualTo(at(1));
    assertThat(views.ephemeral().presence(0, ALICE)).contains(renewed);
    assertThat(changed(0, at(1), at(2))).isEmpty();
    assertThat(changed(0, Position.NONE, at(2))).containsExactly(ALICE);
    assertThat(views.ephemeral().presenceEnded(0, 0, 2_999)).isEmpty();
    assertThat(views.ephemeral().presenceEnded(0, 2_999, 3_000)).containsExactly(renewed);
    assertThat(views.ephemeral().presenceEnded(0, 3_000, 9_000)).isEmpty();
    assertThat(views.ephemeral().presenceEnded(1, 0, 9_000)).hasSize(1);
  }

  @Test
  void aRenewalOfWhatIsNotKnownCountsAsAChange() {
    presence(4, 0, ALICE, Presence.ONLINE, 1_000, true);
    assertThat(views.ephemeral().presenceReached(0)).isEqualTo(at(4));
    assertThat(changed(0, at(3), at(4))).containsExactly(ALICE);
  }

  @Test
  void aPresenceMetAgainChangesNothing() {
    presence(1, 0, ALICE, Presence.ONLINE, 1_000, false);
    PresenceRecord newer = presence(2, 0, ALICE, Presence.UNAVAILABLE, 1_000, false);
    presence(1, 0, ALICE, Presence.ONLINE, 1_000, false);
    presence(2, 0, ALICE, Presence.UNAVAILABLE, 1_000, false);
    assertThat(views.ephemeral().presenceReached(0)).isEqualTo(at(2));
    assertThat(views.ephemeral().presence(0, ALICE)).contains(newer);
    assertThat(changed(0, Position.NONE, at(9))).containsExactly(ALICE);
  }

  private List<UserId> changed(int partition, Position after, Position upTo) {
    return views.ephemeral().presenceChanged(partition, after, upTo).stream()
        .map(PresenceRecord::user)
        .toList();
  }

  private PresenceRecord presence(
      long offset, int partition, UserId user, Presence presence, long until, boolean renewal) {
    PresenceRecord record =
        new PresenceRecord(user, presence, "here", new DeviceId("PHONE"), 500, until, renewal);
    ViewBatch batch = new ViewBatch();
    batch.addAll(at(offset), List.of(new RowChange.PresencePut(partition, at(offset), record)));
    batch.reach(Topic.PRESENCE, partition, new Checkpoint(at(offset), offset + 1, 0));
    views.writer().write(batch);
    return record;
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
