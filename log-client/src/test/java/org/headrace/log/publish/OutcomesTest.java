package org.headrace.log.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.headrace.core.json.Json;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.tick.Tick;
import org.junit.jupiter.api.Test;

class OutcomesTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Outcome DONE = new Outcome.Done(Json.object());

  private final Outcomes outcomes = new Outcomes();

  @Test
  void answersWhenDecidedAndVisibleInEitherOrder() throws Exception {
    try (var expected = outcomes.expect("c")) {
      outcomes.accept(visible("c"));
      outcomes.accept(decided("c", DONE));
      assertThat(expected.await(LONG)).isEqualTo(DONE);
    }
  }

  @Test
  void aRefusalDoesNotWaitForViews() throws Exception {
    Outcome refused = new Outcome.Failed(Failure.FORBIDDEN, "no");
    try (var expected = outcomes.expect("c")) {
      var answer = CompletableFuture.supplyAsync(() -> await(expected));
      outcomes.accept(decided("c", refused));
      assertThat(answer.get()).isEqualTo(refused);
    }
  }

  @Test
  void writesGoOnWhenViewsAreBehind() throws Exception {
    try (var expected = outcomes.expect("c")) {
      outcomes.accept(decided("c", DONE));
      assertThat(expected.await(LONG)).isEqualTo(DONE);
    }
  }

  @Test
  void noDecisionIsNoAnswer() {
    try (var expected = outcomes.expect("c")) {
      outcomes.accept(decided("other", DONE));
      assertThatThrownBy(() -> expected.await(Duration.ofMillis(1)))
          .isInstanceOf(NoAnswerException.class);
    }
  }

  @Test
  void refusesMoreThanItMayHold() {
    List<Outcomes.Expected> held = new ArrayList<>();
    for (int i = 0; i < Outcomes.WAITING_MAX; i++) {
      held.add(outcomes.expect("c" + i));
    }
    assertThatThrownBy(() -> outcomes.expect("one more")).isInstanceOf(BusyException.class);
    held.getFirst().close();
    assertThatCode(() -> outcomes.expect("one more").close()).doesNotThrowAnyException();
  }

  @Test
  void aClosedExpectationIsForgotten() throws Exception {
    outcomes.expect("c").close();
    try (var again = outcomes.expect("c")) {
      assertThatThrownBy(() -> outcomes.expect("c")).isInstanceOf(IllegalStateException.class);
      outcomes.accept(decided("c", DONE));
      outcomes.accept(visible("c"));
      assertThat(again.await(LONG)).isEqualTo(DONE);
    }
  }

  private static Outcome await(Outcomes.Expected expected) {
    try {
      return expected.await(LONG);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Tick decided(String id, Outcome outcome) {
    return new Tick.Decided("!r", id, Position.ofOffset(1), outcome);
  }

  private static Tick visible(String id) {
    return new Tick.Visible("!r", id, Position.ofOffset(1), List.of());
  }
}
