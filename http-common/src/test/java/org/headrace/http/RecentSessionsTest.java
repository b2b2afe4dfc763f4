package org.headrace.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.projections.view.AccountsView.Session;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.AccountRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecentSessionsTest {
  private static final UserId ALICE = new UserId("@alice:one.test");
  private static final Session PHONE = new Session(ALICE, new DeviceId("PHONE"));

  private long nanos;
  private RecentSessions recent;

  @BeforeEach
  void follow() {
    recent = new RecentSessions(3, () -> nanos);
    recent.heardAll(nanos);
  }

  @Test
  void theViewIsAskedAsLongAsItAnswers() {
    shown("t", PHONE);
    assertThat(recent.read("other", Optional::empty)).isEmpty();
  }

  /** Back at the state before its failure, it shows what has ended meanwhile. */
  @Test
  void aViewThatIsBehindTheLogRevivesNoTokenThatEnded() {
    shown("t", PHONE);
    recent.heard(ended(PHONE));
    assertThat(away("t")).isEmpty();
    assertThat(recent.read("t", () -> Optional.of(PHONE))).isEmpty();
    later(RecentSessions.SILENCE_MAX.plusSeconds(1));
    assertThat(recent.read("t", () -> Optional.of(PHONE))).isEmpty();
  }

  @Test
  void norOneThatALoginOfTheSameDeviceEnded() {
    shown("t", PHONE);
    recent.heard(begun(PHONE, "t2"));
    assertThat(recent.read("t", () -> Optional.of(PHONE))).isEmpty();
    assertThat(recent.read("t2", () -> Optional.of(PHONE))).contains(PHONE);
  }

  /** The views may be ahead of who follows the log. */
  @Test
  void aLoginThatTheViewShowsBeforeItIsHeardIsTaken() {
    shown("t", PHONE);
    recent.heard(ended(PHONE));
    assertThat(recent.read("t2", () -> Optional.of(PHONE))).contains(PHONE);
    recent.heard(begun(PHONE, "t2"));
    assertThat(recent.read("t2", () -> Optional.of(PHONE))).contains(PHONE);
    assertThat(away("t2")).contains(PHONE);
  }

  /** A client that hears that its token is unknown throws away its keys. */
  @Test
  void aViewThatIsBehindTheLogDeniesNoSessionThatBegan() {
    recent.heard(begun(PHONE, "t"));
    assertThat(away("t")).contains(PHONE);
    assertThatThrownBy(() -> recent.read("t", Optional::empty))
        .isInstanceOf(ViewsUnavailableException.class);
    recent.heard(ended(PHONE));
    assertThat(recent.read("t", Optional::empty)).isEmpty();
  }

  /** It is believed where nothing certain is known. */
  @Test
  void aDenialIsBelievedUnlessTheLogIsHeard() {
    shown("t", PHONE);
    later(RecentSessions.SILENCE_MAX.plusNanos(1));
    assertThat(recent.read("t", Optional::empty)).isEmpty();
    later(RecentSessions.AGE_MAX);
    recent.heardAll(nanos);
    assertThat(recent.read("t", Optional::empty)).isEmpty();
  }

  @Test
  void whatTheViewShowedStandsInWhileItIsAway() {
    shown("t", PHONE);
    assertThat(away("t")).contains(PHONE);
    unknown("other");
  }

  @Test
  void whatTheLogBeganStandsInToo() {
    recent.heard(begun(PHONE, "t"));
    assertThat(away("t")).contains(PHONE);
  }

  @Test
  void aLogoutEndsIt() {
    shown("t", PHONE);
    recent.heard(ended(PHONE));
    assertThat(away("t")).isEmpty();
  }

  @Test
  void aLoginOfTheSameDeviceEndsIt() {
    shown("t", PHONE);
    recent.heard(begun(PHONE, "t2"));
    assertThat(away("t")).isEmpty();
    assertThat(away("t2")).contains(PHONE);
    recent.heard(ended(PHONE));
    assertThat(away("t2")).isEmpty();
  }

  @Test
  void whatEndedIsNotRememberedAgain() {
    recent.heard(ended(PHONE));
    shown("t", PHONE);
    unknown("t");
  }

  @Test
  void itStandsInForADayAtMost() {
    shown("t", PHONE);
    later(RecentSessions.AGE_MAX);
    recent.heardAll(nanos);
    assertThat(away("t")).contains(PHONE);
    later(Duration.ofNanos(1));
    unknown("t");
  }

  @Test
  void itStandsInOnlyWhileTheLogIsHeard() {
    shown("t", PHONE);
    later(RecentSessions.SILENCE_MAX);
    assertThat(away("t")).contains(PHONE);
    later(Duration.ofNanos(1));
    unknown("t");
    recent.heardAll(nanos);
    assertThat(away("t")).contains(PHONE);
  }

  @Test
  void nothingStandsInWhereNobodyFollowsTheLog() {
    recent = new RecentSessions(() -> nanos);
    shown("t", PHONE);
    unknown("t");
  }

  @Test
  void theOneLongestUnusedIsForgottenFirst() {
    for (int i = 1; i <= 3; i++) {
      shown("t" + i, device(i));
    }
    assertThat(away("t1")).isPresent();
    shown("t4", device(4));
    assertThat(away("t1")).isPresent();
    unknown("t2");
  }

  /** Of more ends than are kept, none is forgotten while it matters. */
  @Test
  void whatMayHaveEndedUnknownDoesNotStandIn() {
    shown("t", PHONE);
    later(Duration.ofSeconds(1));
    recent.heard(ended(PHONE));
    for (int i = 1; i <= 3; i++) {
      later(Duration.ofSeconds(1));
      recent.heard(ended(device(i)));
    }
    recent.heardAll(nanos);
    unknown("t");
    shown("t4", device(4));
    assertThat(away("t4")).isPresent();
  }

  private void shown(String token, Session session) {
    assertThat(recent.read(token, () -> Optional.of(session))).contains(session);
  }

  private Optional<Session> away(String token) {
    return recent.read(
        token,
        () -> {
          throw new ViewsUnavailableException("away", null);
        });
  }

  private void unknown(String token) {
    assertThatThrownBy(() -> away(token)).isInstanceOf(ViewsUnavailableException.class);
  }

  private void later(Duration duration) {
    nanos += duration.toNanos();
  }

  private static Session device(int number) {
    return new Session(ALICE, new DeviceId("D" + number));
  }

  private static AccountRecord begun(Session session, String token) {
    return new AccountRecord.SessionCreated(
        Position.ofOffset(1),
        session.user().value(),
        "c",
        true,
        session.user(),
        session.device(),
        token,
        null,
        0);
  }

  private static AccountRecord ended(Session session) {
    return new AccountRecord.DevicesDeleted(
        Position.ofOffset(1),
        session.user().value(),
        "c",
        true,
        session.user(),
        List.of(session.device()));
  }
}
