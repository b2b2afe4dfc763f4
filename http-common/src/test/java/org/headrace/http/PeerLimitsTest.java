package org.headrace.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.headrace.core.id.ServerName;
import org.junit.jupiter.api.Test;

class PeerLimitsTest {
  private static final int AT_ONCE = 2;
  private static final int BURST = 5;
  private static final ServerName HONEST = new ServerName("honest.test");
  private static final String HOME = "192.0.2.1";
  private static final String ELSEWHERE = "198.51.100.7";

  private final PeerLimits limits =
      new PeerLimits(AT_ONCE, BURST, 1, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), true);

  @Test
  void whoForgesRequestsLocksOutNobodyButThemselves() {
    for (int i = 0; i < BURST; i++) {
      limits.claim(HONEST, ELSEWHERE).close();
    }
    refused(() -> limits.claim(HONEST, ELSEWHERE));
    limits.claim(HONEST, HOME).close();
    limits.serve(HONEST).close();
  }

  @Test
  void claimsUnderWayAreCountedWhereTheyComeFrom() {
    List<Places.Place> held = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      held.add(limits.claim(HONEST, ELSEWHERE));
    }
    refused(() -> limits.claim(HONEST, ELSEWHERE));
    limits.claim(HONEST, HOME).close();
    held.removeLast().close();
    limits.claim(HONEST, ELSEWHERE).close();
  }

  @Test
  void aServerHasOneRateWhereverItSpeaksFrom() {
    for (int i = 0; i < BURST; i++) {
      limits.claim(HONEST, "192.0.2." + i).close();
      limits.serve(HONEST).close();
    }
    limits.claim(HONEST, ELSEWHERE).close();
    refused(() -> limits.serve(HONEST));
    limits.serve(new ServerName("other.test")).close();
  }

  @Test
  void aServerHasSoManyRequestsServedAtOnce() {
    List<Places.Place> held = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      held.add(limits.serve(HONEST));
    }
    refused(() -> limits.serve(HONEST));
    limits.serve(new ServerName("other.test")).close();
    held.removeLast().close();
    limits.serve(HONEST).close();
  }

  @Test
  void aRequestGivesItsPlacesBackWhenItEnds() {
    RequestPlaces request = new RequestPlaces();
    for (int i = 0; i < AT_ONCE; i++) {
      request.hold(limits.serve(HONEST));
    }
    refused(() -> limits.serve(HONEST));
    request.release();
    limits.serve(HONEST).close();
  }

  private static void refused(ThrowingCallable request) {
    assertThatThrownBy(request)
        .isInstanceOfSatisfying(
            MatrixError.class,
            error -> {
              assertThat(error.status()).isEqualTo(429);
              assertThat(Replies.retryAfterSeconds(error)).isPresent();
            });
  }
}
