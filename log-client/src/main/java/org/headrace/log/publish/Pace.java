package org.headrace.log.publish;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.headrace.schema.command.RoomCommand;

/**
 * Lets the commands of one transaction, of an event each, into the log a few at a time, each few
 * when those before are decided: a room to which much comes at once does not keep the other rooms
 * of its partition waiting. Where decisions do not come, the rest goes in at once, since another
 * server waits for its answer: that is bounded by what a transaction may hold. What this server
 * fetches itself is not: it is given portion by portion, each waited for.
 */
final class Pace {
  static final int FEW = 4;

  /** Much longer than a few commands take. */
  private static final Duration WAIT = Duration.ofMillis(500);

  private final Outcomes outcomes;
  private final Duration wait;

  Pace(Outcomes outcomes) {
    this(outcomes, WAIT);
  }

  Pace(Outcomes outcomes, Duration wait) {
    this.outcomes = outcomes;
    this.wait = wait;
  }

  /** {@code publish}: returns when the log has what it is given. */
  void publish(List<RoomCommand> commands, Consumer<List<RoomCommand>> publish)
      throws InterruptedException {
    int begin = 0;
    boolean decided = true;
    while (decided && commands.size() - begin > FEW) {
      decided = publishFew(commands.subList(begin, begin + FEW), publish);
      begin += FEW;
    }
    publish.accept(commands.subList(begin, commands.size()));
  }

  /** Whether the last of them was decided soon. */
  private boolean publishFew(List<RoomCommand> few, Consumer<List<RoomCommand>> publish)
      throws InterruptedException {
    Outcomes.Expected expected;
    try {
      expected = outcomes.expect(few.getLast().id());
    } catch (BusyException e) {
      publish.accept(few);
      return false;
    }
    try (expected) {
      publish.accept(few);
      return expected.isDecided(wait);
    }
  }
}
