package org.headrace.topology.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.headrace.schema.log.Position;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionedStoreTest {
  private final MapKeyValues keyValues = new MapKeyValues();
  private final VersionedStore store = new VersionedStore(keyValues);

  @Test
  void seesWhatLiesBeforeAndOwnWritesOnly() {
    put(1, "a", "one");
    put(5, "a", "five");
    assertThat(read(1, "a")).isNull();
    assertThat(read(2, "a")).isEqualTo("one");
    assertThat(read(5, "a")).isEqualTo("one");
    assertThat(read(6, "a")).isEqualTo("five");
    Overlay overlay = store.at(Position.ofOffset(6));
    overlay.deleteCell("a");
    assertThat(overlay.cell("a")).isNull();
    assertThat(read(6, "a")).isEqualTo("five");
  }

  @Test
  void commandMetAgainOverItsOwnFutureSeesThePast() {
    put(1, "a", "one");
    entry(2, "$event", "skeleton");
    put(2, "a", "two");
    VersionedStore reopened = new VersionedStore(keyValues);
    Overlay again = reopened.at(Position.ofOffset(2));
    assertThat(again.entry("$event")).isNull();
    assertThat(text(again.cell("a"))).isEqualTo("one");
    assertThat(reopened.at(Position.ofOffset(3)).entry("$event")).isNotNull();
  }

  @Test
  void anEntryKeepsItsFirstPosition() {
    entry(7, "e", "x");
    entry(3, "e", "x");
    assertThat(store.at(Position.ofOffset(4)).entry("e")).isNotNull();
    entry(9, "e", "x");
    assertThat(store.at(Position.ofOffset(4)).entry("e")).isNotNull();
    assertThat(store.at(Position.ofOffset(3)).entry("e")).isNull();
  }

  @Test
  void listsCellsByKeyWithoutDeletedAndFutureOnes() {
    put(1, "k|a", "1");
    put(1, "k|ab", "2");
    put(1, "k|b\u0000\u0001", "3");
    put(1, "l", "4");
    put(2, "k|a", "5");
    put(8, "k|z", "6");
    Overlay overlay = store.at(Position.ofOffset(5));
    overlay.deleteCell("k|ab");
    overlay.putCell("k|c", "7".getBytes(UTF_8));
    assertThat(overlay.cells("k|", 10).keySet()).containsExactly("k|a", "k|b\u0000\u0001", "k|c");
    assertThat(text(overlay.cells("k|", 10).get("k|a"))).isEqualTo("5");
    assertThat(overlay.cells("k|", 1).keySet()).containsExactly("k|a");
  }

  @Test
  void prunesSupersededVersionsAndRefusesToReadBelow() {
    long ts = 0;
    for (int offset = 1; offset <= 100; offset++) {
      ts += VersionedStore.VERSIONS_KEPT_MILLIS / 10;
      store.committedBefore(Position.ofOffset(offset));
      put(offset, "a", Integer.toString(offset), ts);
    }
    assertThat(keyValues.map()).hasSizeLessThan(50);
    assertThat(read(101, "a")).isEqualTo("100");
    assertThat(read(95, "a")).isEqualTo("94");
    VersionedStore reopened = new VersionedStore(keyValues);
    assertThatThrownBy(() -> reopened.at(Position.ofOffset(2)))
        .isInstanceOf(BelowFloorException.class);
  }

  @Test
  void whatIsNotCommittedCanBeDecidedAgainHoweverOldItIs() {
    long ts = 0;
    for (int offset = 1; offset <= 200; offset++) {
      ts += VersionedStore.VERSIONS_KEPT_MILLIS;
      put(offset, "a", Integer.toString(offset), ts);
    }
    assertThat(read(2, "a")).isEqualTo("1");
  }

  @Test
  void deletedCellsGoAltogetherOnceNobodyWillSeeThem() {
    long ts = 0;
    for (int offset = 1; offset <= 20_000; offset++) {
      ts += 1000;
      store.committedBefore(Position.ofOffset(offset));
      if (offset % 2 == 1) {
        put(offset, "message|" + offset, "hello", ts);
      } else {
        delete(offset, "message|" + (offset - 1), ts);
      }
      // A version, its deletion, and the deletion in the queue, of ten minutes; the frame.
      assertThat(keyValues.map()).hasSizeLessThan(3 * 600 / 2 + 3 * Deletions.DROPS_PER_WRITE);
    }
    assertThat(store.at(Position.ofOffset(20_001)).cells("", 10)).isEmpty();
  }

  @Test
  void whatWasDeletedAndIsThereAgainStays() {
    put(1, "a", "one", 0);
    delete(2, "a", 1);
    put(3, "a", "three", 2);
    put(4, "z|" + Character.toString(1), "other", 3);
    delete(5, "z|" + Character.toString(1), 4);
    store.committedBefore(Position.ofOffset(9));
    put(10, "b", "x", VersionedStore.VERSIONS_KEPT_MILLIS + 4);
    assertThat(read(11, "a")).isEqualTo("three");
    assertThat(read(11, "z|" + Character.toString(1))).isNull();
    // a at 3, b at 10; frame of two.
    assertThat(keyValues.map()).hasSize(4);
  }

  @Test
  void aCellOfManyVersionsGoesInPieces() {
    int versions = 5 * Deletions.VERSIONS_PER_DROP_MAX;
    for (int offset = 0; offset < versions; offset++) {
      put(offset, "a", "v", 0);
    }
    delete(versions, "a", 0);
    store.committedBefore(Position.ofOffset(versions + 1));
    int before = keyValues.map().size();
    for (int i = 1; i <= 6; i++) {
      put(versions + i, "b", "x", VersionedStore.VERSIONS_KEPT_MILLIS);
      int now = keyValues.map().size();
      assertThat(before - now).isLessThanOrEqualTo(Deletions.VERSIONS_PER_DROP_MAX + 2);
      before = now;
      assertThat(read(versions + i + 1, "a")).isNull();
    }
    assertThat(keyValues.map()).hasSize(6 + 2);
  }

  @Test
  void saysHowFarItHasBegunAlsoWhenItIsMetAgain() {
    put(7, "a", "x");
    VersionedStore reopened = new VersionedStore(keyValues);
    Overlay again = reopened.at(Position.ofOffset(3));
    again.putCell("a", "y".getBytes(UTF_8));
    reopened.write(again, 0, false);
    assertThat(reopened.progress()).isEqualTo(Position.ofOffset(3));
    assertThat(new VersionedStore(keyValues).begun()).isEqualTo(Position.ofOffset(7));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void replayFromAnyPointOverTheFutureGivesTheSameReads(long seed) {
    Random random = new Random(seed);
    List<Map<String, String>> before = new ArrayList<>();
    List<String> keys = List.of("a", "ab", "b", "\u0000", "c|x", "c|y");
    Map<String, String> model = new TreeMap<>();
    List<Runnable> commands = new ArrayList<>();
    List<VersionedStore> current = new ArrayList<>(List.of(store));
    for (int i = 0; i < 60; i++) {
      int offset = i;
      String key = keys.get(random.nextInt(keys.size()));
      boolean delete = random.nextInt(4) == 0;
      before.add(new TreeMap<>(model));
      if (delete) {
        model.remove(key);
      } else {
        model.put(key, "v" + i);
      }
      commands.add(
          () -> {
            Overlay overlay = current.getFirst().at(Position.ofOffset(offset));
            assertThat(contents(overlay)).isEqualTo(before.get(offset));
            if (delete) {
              overlay.deleteCell(key);
            } else {
              overlay.putCell(key, ("v" + offset).getBytes(UTF_8));
            }
            current.getFirst().write(overlay, offset, false);
          });
    }
    commands.forEach(Runnable::run);
    for (int round = 0; round < 5; round++) {
      current.set(0, new VersionedStore(keyValues));
      commands.subList(random.nextInt(commands.size()), commands.size()).forEach(Runnable::run);
    }
  }

  private static Map<String, String> contents(Overlay overlay) {
    Map<String, String> found = new TreeMap<>();
    overlay.cells("", 1000).forEach((key, value) -> found.put(key, text(value)));
    for (String key : List.of("a", "ab", "b", "\u0000", "c|x", "c|y")) {
      assertThat(text(overlay.cell(key))).isEqualTo(found.get(key));
    }
    return found;
  }

  private void put(long offset, String key, String value) {
    put(offset, key, value, 0);
  }

  private void put(long offset, String key, String value, long ts) {
    Overlay overlay = store.at(Position.ofOffset(offset));
    overlay.putCell(key, value.getBytes(UTF_8));
    store.write(overlay, ts, false);
    assertThat(store.progress()).isEqualTo(Position.ofOffset(offset));
  }

  private void delete(long offset, String key, long ts) {
    Overlay overlay = store.at(Position.ofOffset(offset));
    overlay.deleteCell(key);
    store.write(overlay, ts, false);
  }

  private void entry(long offset, String key, String value) {
    Overlay overlay = store.at(Position.ofOffset(offset));
    overlay.putEntry(key, value.getBytes(UTF_8));
    store.write(overlay, 0, false);
  }

  private String read(long offset, String key) {
    // Positions only rise while a store is open, so each read opens its own.
    return text(new VersionedStore(keyValues).at(Position.ofOffset(offset)).cell(key));
  }

  private static String text(byte[] value) {
    return value == null ? null : new String(value, UTF_8);
  }
}
