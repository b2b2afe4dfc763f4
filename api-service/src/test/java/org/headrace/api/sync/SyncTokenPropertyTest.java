package org.headrace.api.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.headrace.core.fixture.Seeds;
import org.headrace.schema.log.Position;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SyncTokenPropertyTest {
  private static final int SEEDS = 200;

  @Test
  void decodesToWhatWasEncoded() {
    Seeds.check(
        SEEDS,
        random -> {
          SyncToken token = token(random);
          assertThat(SyncToken.decode(token.encode())).contains(token);
        });
  }

  @Test
  void damagedTokensAreRefusedOrOtherTokensButNeverFail() {
    Seeds.check(
        SEEDS,
        random -> {
          StringBuilder text = new StringBuilder(token(random).encode());
          text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(0x100));
          text.setLength(random.nextInt(text.length() + 1));
          assertThatCode(() -> SyncToken.decode(text.toString())).doesNotThrowAnyException();
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s",
        "s72594_4483_1934",
        "t0",
        "sAA",
        "sAQ",
        "x",
        "s!!!!",
        "s////",
        "sAQAAAA8"
      })
  void garbageIsNoToken(String text) {
    assertThat(SyncToken.decode(text)).isEmpty();
  }

  @Test
  void aTokenOfOneRoomPartitionIsShort() {
    TreeMap<Integer, SyncToken.RoomPositions> rooms = new TreeMap<>();
    Position position = Position.ofOffset(1_000_000);
    rooms.put(5, new SyncToken.RoomPositions(position, position, position));
    SyncToken token =
        new SyncToken(
            rooms, position, position, position, new TreeMap<>(), SyncToken.Presences.NONE);
    assertThat(token.encode()).hasSizeLessThan(64);
  }

  private static SyncToken token(RandomGenerator random) {
    TreeMap<Integer, SyncToken.RoomPositions> rooms = new TreeMap<>();
    for (int i = random.nextInt(20); i > 0; i--) {
      rooms.put(
          random.nextInt(1_000),
          new SyncToken.RoomPositions(position(random), position(random), position(random)));
    }
    TreeMap<Integer, Integer> typing = new TreeMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      typing.put(random.nextInt(), random.nextInt());
    }
    return new SyncToken(
        rooms, position(random), position(random), position(random), typing, presence(random));
  }

  private static SyncToken.Presences presence(RandomGenerator random) {
    TreeMap<Integer, Position> reached = new TreeMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      reached.put(random.nextInt(1_000), position(random));
    }
    return new SyncToken.Presences(reached, random.nextBoolean() ? 0 : random.nextLong(1L << 45));
  }

  private static Position position(RandomGenerator random) {
    return switch (random.nextInt(4)) {
      case 0 -> Position.NONE;
      case 1 -> Position.ofOffset(random.nextInt(1_000));
      case 2 -> Position.of(255, Position.OFFSETS_MAX - 1, Position.ORDINALS_MAX - 1);
      default -> Position.of(random.nextInt(3), random.nextLong(1L << 40), random.nextInt(2_000));
    };
  }
}
