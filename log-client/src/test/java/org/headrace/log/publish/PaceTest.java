package org.headrace.log.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.Outcome;
import org.headrace.schema.tick.Tick;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final RoomId ROOM = new RoomId("!r:example.org");

  private final Outcomes outcomes = new Outcomes();
  private final List<List<RoomCommand>> published = new ArrayList<>();

  private static List<RoomCommand> commands(int count) {
    return IntStream.range(0, count)
        .<RoomCommand>mapToObj(n -> new RoomCommand.Pad("c" + n, 1, ROOM, 0, List.of()))
        .toList();
  }

  private void decide(RoomCommand command) {
    outcomes.accept(
        new Tick.Decided(
            "!r", command.id(), Position.ofOffset(1), new Outcome.Done(Json.object())));
  }

  @Test
  void aFewGoInWhenThoseBeforeAreDecided() throws Exception {
    List<RoomCommand> commands = commands(2 * Pace.FEW + 1);
    new Pace(outcomes, Duration.ofMinutes(1))
        .publish(
            commands,
            few -> {
              published.add(List.copyOf(few));
              decide(few.getLast());
            });
    assertThat(published)
        .containsExactly(
            commands.subList(0, Pace.FEW),
            commands.subList(Pace.FEW, 2 * Pace.FEW),
            commands.subList(2 * Pace.FEW, 2 * Pace.FEW + 1));
    assertThat(outcomes.waitingCount()).isZero();
  }

  @Test
  void aFewAreNotWaitedFor() throws Exception {
    List<RoomCommand> commands = commands(Pace.FEW);
    new Pace(outcomes, Duration.ofMinutes(1)).publish(commands, published::add);
    assertThat(published).containsExactly(commands);
  }

  @Test
  void whereNothingIsDecidedTheRestGoesInAtOnce() throws Exception {
    List<RoomCommand> commands = commands(5 * Pace.FEW);
    new Pace(outcomes, Duration.ofMillis(1)).publish(commands, published::add);
    assertThat(published)
        .containsExactly(commands.subList(0, Pace.FEW), commands.subList(Pace.FEW, 5 * Pace.FEW));
  }

  @Test
  void whereTooManyWaitNobodyWaitsForThese() throws Exception {
    List<Outcomes.Expected> others =
        IntStream.range(0, Outcomes.WAITING_MAX)
            .mapToObj(n -> outcomes.expect("other" + n))
            .toList();
    List<RoomCommand> commands = commands(3 * Pace.FEW);
    new Pace(outcomes, Duration.ofMinutes(1)).publish(commands, published::add);
    assertThat(published).hasSize(2);
    others.forEach(Outcomes.Expected::close);
  }
}
