package org.headrace.api.room;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.publish.NoAnswerException;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.command.RoomCommand;
import org.headrace.schema.record.Outcome;
import org.jboss.logging.Logger;

/**
 * Asks for history that is missing, and waits until the views show what came of it (docs,
 * federation.md, "Gaps").
 */
@Singleton
public class GapFiller {
  /** Events that are asked for at once. */
  private static final int EVENTS_ASKED = 100;

  /** Whether something came is looked at this often, if no tick tells. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** Looks after which a request that the views do not show counts as one that has ended. */
  private static final int LOOKS_BEFORE_ASKED = 2;

  private static final Logger LOG = Logger.getLogger(GapFiller.class);

  private final RoomsView rooms;
  private final CommandLog commands;
  private final Wakeups wakeups;
  private final Clock clock;

  @Inject
  public GapFiller(RoomsView rooms, CommandLog commands, Wakeups wakeups, Clock clock) {
    this.rooms = rooms;
    this.commands = commands;
    this.wakeups = wakeups;
    this.clock = clock;
  }

  /** The highest gap whose free places lie between these. */
  public Optional<RoomsView.Gap> highest(RoomId room, long after, long upTo) {
    return rooms.gaps(room).stream()
        .filter(gap -> gap.ceiling() > after && gap.ceiling() <= upTo)
        .findFirst();
  }

  /** Whether some of the gap was filled, or it is closed; blocks until then or the deadline. */
  public boolean fill(RoomId room, UserId reader, RoomsView.Gap gap, long deadlineNanos) {
    if (!rooms.isJoined(room, reader.server())) {
      // Nobody would tell it anything.
      return false;
    }
    try (Wakeups.Waiter waiter = wakeups.register(reader, Set.of(room.value()))) {
      Duration left = left(deadlineNanos);
      if (!left.isPositive()) {
        return false;
      }
      Outcome outcome =
          commands.submit(
              new RoomCommand.RequestBackfill(
                  commands.newId(), clock.millis(), room, gap.id(), reader.server(), EVENTS_ASKED),
              left);
      if (outcome instanceof Outcome.Failed) {
        return false;
      }
      boolean seenAsked = false;
      for (int look = 0; ; look++) {
        Optional<RoomsView.Gap> now = find(room, gap);
        if (now.isEmpty() || now.get().ceiling() != gap.ceiling()) {
          return true;
        }
        seenAsked |= now.get().asked();
        left = left(deadlineNanos);
        // The views may be behind the answer, and may show the end of it at once.
        boolean ended = !now.get().asked() && (seenAsked || look >= LOOKS_BEFORE_ASKED);
        if (ended || !left.isPositive()) {
          return false;
        }
        waiter.await(left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
      }
    } catch (NoAnswerException e) {
      LOG.debugf("No history of %s: %s", room, e.getMessage());
      return false;
    }
  }

  private Optional<RoomsView.Gap> find(RoomId room, RoomsView.Gap gap) {
    return rooms.gaps(room).stream().filter(known -> known.id().equals(gap.id())).findFirst();
  }

  private static Duration left(long deadlineNanos) {
    return Duration.ofNanos(deadlineNanos - System.nanoTime());
  }
}
