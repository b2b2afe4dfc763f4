package org.headrace.log.ticks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.tick.Tick;
import org.junit.jupiter.api.Test;

class TickWakeupsTest {
  private static final UserId ALICE = new UserId("@alice:a");
  private static final UserId BOB = new UserId("@bob:a");

  private final TickWakeups wakeups = new TickWakeups();

  @Test
  void wakesMembersOfTheRoomAndWhomTheTickNames() {
    try (var alice = wakeups.register(ALICE, Set.of("!room"));
        var bob = wakeups.register(BOB, Set.of("!other"))) {
      wakeups.accept(visible("!room"));
      assertThat(alice.await(Duration.ZERO)).isTrue();
      assertThat(bob.await(Duration.ZERO)).isFalse();
      wakeups.accept(visible("!room", BOB));
      assertThat(bob.await(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void aTickBetweenRegistrationAndWaitIsNotMissed() {
    try (var alice = wakeups.register(ALICE, Set.of())) {
      wakeups.accept(visible(ALICE.value()));
      wakeups.accept(visible(ALICE.value()));
      assertThat(alice.await(Duration.ofMinutes(1))).isTrue();
      assertThat(alice.await(Duration.ZERO)).as("both ticks were one wake-up").isFalse();
    }
  }

  @Test
  void whatIsOnlyDecidedWakesNobody() {
    try (var alice = wakeups.register(ALICE, Set.of("!room"))) {
      wakeups.accept(
          new Tick.Decided("!room", "c", Position.ofOffset(1), new Outcome.Done(Json.object())));
      assertThat(alice.await(Duration.ZERO)).isFalse();
      wakeups.accept(new Tick.Ephemeral("!room"));
      assertThat(alice.await(Duration.ZERO)).isTrue();
    }
  }

  private static Tick visible(String key, UserId... users) {
    return new Tick.Visible(key, "c", Position.ofOffset(1), List.of(users));
  }
}
