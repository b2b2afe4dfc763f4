package org.headrace.projections.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.message;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.headrace.projections.fold.Checkpoint;
import org.headrace.projections.fold.RoomFold;
import org.headrace.projections.fold.ViewBatch;
import org.headrace.projections.view.EventRow;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

class RocksViewsTest {
  private static final int COPIES = 5;
  private static final int ROWS_COMPARED = 100;

  @TempDir Path folder;

  @Test
  void keepsRowsAndCheckpointsTogetherWhereverItIsKilled() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (RocksViews views = RocksViews.open(folder.resolve("live"))) {
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; !done.get(); i++) {
                      write(views, i);
                    }
                  });
      for (int copy = 0; copy < COPIES; copy++) {
        long before = views.checkpoint(Topic.ROOM_LOG, 0).nextOffset();
        while (views.checkpoint(Topic.ROOM_LOG, 0).nextOffset() < before + 200) {
          Thread.onSpinWait();
        }
        Path killed = folder.resolve("copy" + copy);
        copyAsAfterAKill(folder.resolve("live"), killed);
        long reached = requireConsistent(killed);
        assertThat(reached).isGreaterThanOrEqualTo(before);
      }
      done.set(true);
      writer.join();
    }
  }

  private static void write(RocksViews views, int i) {
    ViewBatch batch = new ViewBatch();
    batch.addAll(at(i), RoomFold.fold(message(ROOM, at(i), "m" + i).record()));
    batch.reach(Topic.ROOM_LOG, 0, new Checkpoint(at(i), i + 1, i));
    views.write(batch);
  }

  /** What the page cache holds: files as they are, the write-ahead log last. */
  private static void copyAsAfterAKill(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.sorted((a, b) -> Boolean.compare(isLog(a), isLog(b))).toList()) {
        if (!file.endsWith("LOCK")) {
          Files.copy(file, to.resolve(file.getFileName()));
        }
      }
    }
  }

  private static boolean isLog(Path file) {
    return file.toString().endsWith(".log");
  }

  private static long requireConsistent(Path copy) {
    try (RocksViews views = RocksViews.open(copy)) {
      Checkpoint checkpoint = views.checkpoint(Topic.ROOM_LOG, 0);
      List<EventRow> newest = views.timeline().newest(ROOM, -1, Long.MAX_VALUE, ROWS_COMPARED);
      for (int i = 0; i < ROWS_COMPARED; i++) {
        assertThat(newest.get(i).position()).isEqualTo(at(checkpoint.nextOffset() - 1 - i));
      }
      assertThat(views.dropped()).isEmpty();
      return checkpoint.nextOffset();
    }
  }

  @Test
  void opensWhatItClosed() {
    try (RocksViews views = RocksViews.open(folder)) {
      write(views, 0);
    }
    try (RocksViews views = RocksViews.open(folder)) {
      assertThat(views.rooms().reached(0)).isEqualTo(at(0));
      assertThat(views.dropped()).isEmpty();
    }
  }

  @Test
  void throwsAwayAnotherFormat() throws RocksDBException {
    try (RocksViews views = RocksViews.open(folder)) {
      write(views, 0);
      try (WriteBatch batch = new WriteBatch()) {
        batch.put(RowKey.of(Table.META).text("format").bytes(), RowValue.text("0"));
        views.rows().write(batch);
      }
    }
    try (RocksViews views = RocksViews.open(folder)) {
      assertThat(views.dropped()).contains("their format is 0, not " + RocksViews.FORMAT);
      assertThat(views.rooms().reached(0)).isEqualTo(Position.NONE);
    }
  }

  @Test
  void throwsAwayWhatIsDamaged() throws IOException {
    try (RocksViews views = RocksViews.open(folder)) {
      write(views, 0);
    }
    Files.writeString(folder.resolve("CURRENT"), "nonsense");
    try (RocksViews views = RocksViews.open(folder)) {
      assertThat(views.dropped().orElseThrow()).startsWith("they are damaged");
      assertThat(views.rooms().reached(0)).isEqualTo(Position.NONE);
    }
  }

  @Test
  void leavesViewsAloneThatAreInUse() {
    try (RocksViews views = RocksViews.open(folder)) {
      write(views, 0);
      assertThatThrownBy(() -> RocksViews.open(folder))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("cannot be opened");
      assertThat(views.rooms().reached(0)).isEqualTo(at(0));
    }
  }

  @Test
  void dropsOneFamilyOnly() {
    try (RocksViews views = RocksViews.open(folder)) {
      write(views, 0);
      ViewBatch batch = new ViewBatch();
      batch.reach(Topic.ACCOUNT_LOG, 0, new Checkpoint(at(3), 4, 0));
      views.write(batch);
      views.drop(Topic.Family.ROOM);
      assertThat(views.rooms().reached(0)).isEqualTo(Position.NONE);
      assertThat(views.timeline().newest(ROOM, -1, Long.MAX_VALUE, 10)).isEmpty();
      assertThat(views.accounts().reached(0)).isEqualTo(at(3));
    }
  }

  @Test
  void saysThatItIsClosed() {
    RocksViews views = RocksViews.open(folder);
    views.close();
    views.close();
    assertThatThrownBy(() -> views.rooms().room(ROOM)).hasMessage("the views are closed");
  }
}
