package org.headrace.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.schema.record.RoomRecord.EventDecided;
import org.headrace.schema.record.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two homeservers of ours that were cut off from each other, and died now and then, end with the
 * same room. Seeds as in {@link WorldSimTest}.
 */
class TwoServersSimTest {
  private static final int SEEDS_IN_BUILD = 60;
  private static final int STEPS = 300;
  private static final double CRASH_PROBABILITY = 0.004;

  private final Map<String, Integer> counts = new TreeMap<>();

  @Test
  void endWithTheSameRoom() {
    long first = Long.getLong("simulation.first", 0);
    long seeds = Long.getLong("simulation.seeds", SEEDS_IN_BUILD);
    for (long seed = first; seed < first + seeds; seed++) {
      meet(seed);
    }
    System.out.println("simulation, two servers, seeds from " + first + ": " + counts);
    if (seeds >= 20) {
      assertThat(counts)
          .as("what the seeds tried")
          .containsKeys(
              "crashes", "cuts", "lost", "fetched", "claimed", "forked", "SOFT_FAILED", "shared");
    }
  }

  /** A third server tells either what it likes: they still agree on what to make of it. */
  @Test
  void endWithTheSameRoomThoughAThirdLies() {
    long first = Long.getLong("simulation.first", 0);
    long seeds = Long.getLong("simulation.seeds", SEEDS_IN_BUILD);
    for (long seed = first; seed < first + seeds; seed++) {
      meet(seed, true);
    }
    System.out.println("simulation, two servers and a liar, seeds from " + first + ": " + counts);
    if (seeds >= 20) {
      assertThat(counts).containsKeys("lies", "REJECTED", "SOFT_FAILED", "claimed");
      assertThat(counts.get("one room"))
          .as("worlds that end as one")
          .isGreaterThan((int) seeds / 2);
    }
  }

  /** Seeds that failed: what came late became an extremity though what follows it was there. */
  @ParameterizedTest
  @ValueSource(longs = {1029, 1279, 1339, 1354})
  void anEventThatAShownOneFollowsIsNoExtremity(long seed) {
    meet(seed);
  }

  /**
   * Seeds that failed: the state that a fetched event left was resolved with another place of that
   * event among the others than it had from then on.
   */
  @ParameterizedTest
  @ValueSource(longs = {2401, 6668})
  void theStateAfterAFetchedEventIsTheSameLater(long seed) {
    meet(seed);
  }

  /** A seed that failed: only soft-failed events stood between one that came late and the room. */
  @ParameterizedTest
  @ValueSource(longs = 5998)
  void whatIsNotShownStandsBetweenOnly(long seed) {
    meet(seed);
  }

  private void meet(long seed) {
    meet(seed, false);
  }

  private void meet(long seed, boolean isLiarThere) {
    try {
      Meeting meeting = new Meeting(seed, CRASH_PROBABILITY, isLiarThere);
      for (int i = 0; i < STEPS; i++) {
        meeting.step();
      }
      meeting.end();
      check(meeting, isLiarThere);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private void check(Meeting meeting, boolean isLiarThere) {
    Homeserver here = meeting.here();
    Homeserver there = meeting.there();
    RoomId room = meeting.room();
    boolean areOne = !isLiarThere || heardLast(here, there);
    if (areOne) {
      assertThat(there.extremities()).as("forward extremities").isEqualTo(here.extremities());
      assertThat(here.extremities()).hasSize(1);
      assertThat(there.currentState(room)).as("state").isEqualTo(here.currentState(room));
      counts.merge("one room", 1, Integer::sum);
    }
    for (Homeserver server : new Homeserver[] {here, there}) {
      Homeserver other = server == here ? there : here;
      for (EventDecided event : server.decided().values()) {
        EventDecided known = other.decided().get(event.eventId());
        if (known != null) {
          checkSame(meeting, event, known);
        } else if (areOne && server == there && event.verdict() == Verdict.ACCEPTED) {
          // What is from before the join, the joining server need not have.
          throw new AssertionError(other.name() + " lacks " + event.skeleton());
        }
      }
    }
    counts.merge("crashes", here.crashes() + there.crashes(), Integer::sum);
    meeting.counts().forEach((what, n) -> counts.merge(what, n, Integer::sum));
  }

  /**
   * Whether each shows the last words of all. Who cites old events can take a user out of rooms
   * before version 12, for those who heard of it; soft failure then keeps the servers apart.
   */
  private static boolean heardLast(Homeserver here, Homeserver there) {
    return Stream.of(here, there)
            .flatMap(server -> server.decided().values().stream())
            .filter(event -> event.skeleton().path("type").asText().equals(Meeting.LAST))
            .filter(event -> event.verdict() == Verdict.ACCEPTED)
            .count()
        == 2L * Meeting.LAST_WORDS.size();
  }

  /** Whether it is shown depends on when it came; what it is, and in what state, does not. */
  private void checkSame(Meeting meeting, EventDecided one, EventDecided two) {
    EventId id = one.eventId();
    counts.merge("shared", 1, Integer::sum);
    assertThat(one.verdict() == Verdict.REJECTED)
        .as("whether %s is rejected", one.skeleton())
        .isEqualTo(two.verdict() == Verdict.REJECTED);
    assertThat(meeting.there().stateBefore(meeting.room(), id))
        .as("the state before %s", id)
        .isEqualTo(meeting.here().stateBefore(meeting.room(), id));
  }
}
