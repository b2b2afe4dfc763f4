package org.headrace.account.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.account.account.Account.ALICE;
import static org.headrace.account.account.Account.BOB;
import static org.headrace.account.account.Account.PHONE;

import org.headrace.core.id.MediaId;
import org.headrace.core.id.UserId;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.AccountRecord;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.MediaContent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MediaTest {
  private static final long QUOTA_BYTES = 100;
  private static final long DAY_MILLIS = 86_400_000;

  private final Account account = new Account();

  @BeforeEach
  void register() {
    account.with(ALICE, PHONE);
  }

  private AccountCommand store(UserId user, String media, long size, boolean reserved, long ts) {
    return new AccountCommand.StoreMedia(
        account.id(),
        ts,
        user,
        new MediaId(media),
        new MediaContent("h", size, "text/plain", null),
        reserved,
        QUOTA_BYTES);
  }

  private AccountCommand reserve(String media, long ts) {
    return new AccountCommand.ReserveMedia(
        account.id(), ts, ALICE, new MediaId(media), ts + DAY_MILLIS);
  }

  @Test
  void addsUpWhatAUserUploads() {
    account.done(store(ALICE, "a", 60, false, 1));
    account.done(store(ALICE, "b", 40, false, 1));
    assertThat(((AccountRecord.MediaStored) account.newest().getFirst()).usedBytes())
        .isEqualTo(100);
    account.refused(store(ALICE, "c", 1, false, 1), Failure.FORBIDDEN);
    account.assertReplayIsEqual();
  }

  @Test
  void anIdGetsItsContentOnce() {
    account.done(store(ALICE, "a", 1, false, 1));
    account.refused(store(ALICE, "a", 1, false, 1), Failure.CANNOT_OVERWRITE);
    account.refused(store(ALICE, "a", 1, true, 1), Failure.CANNOT_OVERWRITE);
    account.refused(reserve("a", 1), Failure.CANNOT_OVERWRITE);
  }

  @Test
  void aReservedIdWaitsForItsContent() {
    account.done(reserve("a", 1));
    account.refused(store(ALICE, "other", 1, true, 2), Failure.NOT_FOUND);
    account.done(store(ALICE, "a", 1, true, 2));
    account.refused(store(ALICE, "a", 1, true, 3), Failure.CANNOT_OVERWRITE);
    account.assertReplayIsEqual();
  }

  @Test
  void aReservationEnds() {
    account.done(reserve("a", 1));
    account.refused(store(ALICE, "a", 1, true, 2 + DAY_MILLIS), Failure.NOT_FOUND);
  }

  @Test
  void reservationsAreBoundedUntilTheyEnd() {
    for (int i = 0; i < Limits.MEDIA_PENDING_MAX; i++) {
      account.done(reserve("m" + i, 1));
    }
    account.refused(reserve("more", 2), Failure.LIMIT_EXCEEDED);
    account.done(reserve("more", 2 + DAY_MILLIS));
    assertThat(new Cells(account.state).pendingMedia(ALICE))
        .hasSize(Limits.MEDIA_PENDING_MAX)
        .containsKey("more");
    account.assertReplayIsEqual();
  }

  @Test
  void thereMustBeAnAccount() {
    account.refused(store(BOB, "a", 1, false, 1), Failure.NOT_FOUND);
  }
}
