package org.headrace.projections.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Presence;
import org.headrace.schema.record.PresenceRecord;
import org.junit.jupiter.api.Test;

class PresenceBoardTest {
  private static final UserId ALICE = new UserId("@alice:a.example");
  private static final UserId BOB = new UserId("@bob:a.example");

  private final PresenceBoard board = new PresenceBoard();

  @Test
  void aChangeWhoseRowARenewalTookIsTold() {
    put(ALICE, 1, 1, 0);
    // Read up to 5, when the change at 4 had just been renewed at 6.
    put(ALICE, 6, 4, 5);
    assertThat(changed(5, 6)).containsExactly(ALICE);
    assertThat(changed(0, 5)).isEmpty();
  }

  @Test
  void itIsToldOnce() {
    put(ALICE, 6, 4, 5);
    put(ALICE, 8, 4, 7);
    assertThat(changed(5, 7)).containsExactly(ALICE);
    assertThat(changed(7, 8)).isEmpty();
    put(ALICE, 9, 9, 8);
    assertThat(changed(8, 9)).containsExactly(ALICE);
  }

  @Test
  void whatWasNotMissedKeepsItsPlace() {
    put(ALICE, 1, 1, 0);
    put(ALICE, 6, 1, 5);
    assertThat(changed(5, 6)).isEmpty();
    assertThat(changed(0, 1)).containsExactly(ALICE);
    put(BOB, 9, 7, 6);
    assertThat(changed(6, 7)).containsExactly(BOB);
  }

  @Test
  void aPartitionIsClearedAlone() {
    put(ALICE, 1, 1, 0);
    board.put(1, at(1), at(1), record(BOB));
    board.clear(0);
    assertThat(board.presence(0, ALICE)).isEmpty();
    assertThat(changed(0, 9)).isEmpty();
    assertThat(board.presence(1, BOB)).isPresent();
  }

  private void put(UserId user, long position, long changed, long told) {
    board.put(0, at(position), at(changed), at(told), record(user));
  }

  private List<UserId> changed(long after, long upTo) {
    return board.changed(0, at(after), at(upTo)).stream().map(PresenceRecord::user).toList();
  }

  private static PresenceRecord record(UserId user) {
    return new PresenceRecord(user, Presence.ONLINE, null, new DeviceId("PHONE"), 0, 9_000, false);
  }

  private static Position at(long offset) {
    return Position.ofOffset(offset);
  }
}
