package org.headrace.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderMediaStoreTest {
  private static final String HELLO_HASH =
      "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

  @TempDir Path folder;
  private FolderMediaStore store;

  @BeforeEach
  void open() throws IOException {
    store = new FolderMediaStore(folder);
  }

  private static ByteArrayInputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static String text(MediaStore store, String hash) throws IOException {
    try (MediaStore.Content content = store.open(hash).orElseThrow()) {
      return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void givesBackWhatItWasGivenAlsoToTheNextProcess() throws IOException {
    assertThat(store.put(bytes("hello"), 5)).isEqualTo(new MediaStore.Stored(HELLO_HASH, 5));
    assertThat(text(store, HELLO_HASH)).isEqualTo("hello");
    assertThat(text(new FolderMediaStore(folder), HELLO_HASH)).isEqualTo("hello");
  }

  @Test
  void keepsEqualBytesOnce() throws IOException {
    store.put(bytes("hello"), 5);
    store.put(bytes("hello"), 5);
    assertThat(files()).hasSize(1);
  }

  @Test
  void deletesWhatIsRefusedUnlessItIsAnothersToo() throws IOException {
    store.settle(store.put(bytes("hello"), 5), false);
    assertThat(files()).isEmpty();

    MediaStore.Stored first = store.put(bytes("hello"), 5);
    MediaStore.Stored second = store.put(bytes("hello"), 5);
    store.settle(first, false);
    store.settle(second, true);
    assertThat(text(store, HELLO_HASH)).isEqualTo("hello");

    store.settle(store.put(bytes("hello"), 5), false);
    assertThat(text(store, HELLO_HASH)).isEqualTo("hello");
  }

  @Test
  void keepsWhatIsUsedThoughThatIsRefusedLater() throws IOException {
    store.settle(store.put(bytes("hello"), 5), true);
    store.settle(store.put(bytes("hello"), 5), false);
    assertThat(text(store, HELLO_HASH)).isEqualTo("hello");
  }

  @Test
  void storesNothingOfWhatIsTooLarge() throws IOException {
    assertThatThrownBy(() -> store.put(bytes("hello!"), 5)).isInstanceOf(TooLargeException.class);
    assertThat(files()).isEmpty();
  }

  @Test
  void takesAwayWhatAKilledProcessLeft() throws IOException {
    store.settle(store.put(bytes("hello"), 5), false);
    Files.writeString(folder.resolve("incoming").resolve("in123"), "half");
    store = new FolderMediaStore(folder);
    assertThat(files()).isEmpty();
  }

  @Test
  void processesOnOneFolderReadWhatEachHasStored() throws IOException {
    MediaStore one = FolderMediaStore.shared(folder, "ingest-0");
    MediaStore two = FolderMediaStore.shared(folder, "ingest-1");
    one.settle(one.put(bytes("hello"), 5), true);
    assertThat(text(two, HELLO_HASH)).isEqualTo("hello");
    MediaStore reader = FolderMediaStore.shared(folder, "api-0");
    assertThat(text(reader, HELLO_HASH)).isEqualTo("hello");
    assertThat(text(FolderMediaStore.shared(folder, "ingest-0"), HELLO_HASH)).isEqualTo("hello");
    assertThat(reader.open("0".repeat(64))).isEmpty();
  }

  @Test
  void aStartLeavesWhatAnotherProcessIsReceiving() throws IOException {
    MediaStore one = FolderMediaStore.shared(folder, "ingest-0");
    FilterInputStream restarting =
        new FilterInputStream(bytes("hello")) {
          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            FolderMediaStore.shared(folder, "ingest-1");
            return super.read(buffer, offset, length);
          }
        };
    one.settle(one.put(restarting, 5), true);
    assertThat(text(one, HELLO_HASH)).isEqualTo("hello");
  }

  @Test
  void whatOneProcessRefusesAnotherKeeps() throws IOException {
    MediaStore one = FolderMediaStore.shared(folder, "ingest-0");
    MediaStore two = FolderMediaStore.shared(folder, "ingest-1");
    MediaStore.Stored refused = one.put(bytes("hello"), 5);
    MediaStore.Stored used = two.put(bytes("hello"), 5);
    one.settle(refused, false);
    two.settle(used, true);
    assertThat(text(one, HELLO_HASH)).isEqualTo("hello");
    assertThat(text(two, HELLO_HASH)).isEqualTo("hello");
  }

  @Test
  void aProcessThatOnlyReadsWritesNothing() throws IOException {
    Path empty = folder.resolve("shared");
    assertThat(FolderMediaStore.shared(empty, "api-0").open(HELLO_HASH)).isEmpty();
    assertThat(empty).doesNotExist();
  }

  @Test
  void takesAwayOnlyWhatItsOwnNameHadNotReceivedWhole() throws IOException {
    FolderMediaStore.shared(folder, "ingest-0").put(bytes("one"), 5);
    FolderMediaStore.shared(folder, "ingest-1").put(bytes("two"), 5);
    Path own = folder.resolve("node-ingest-0").resolve("incoming").resolve("in1");
    Path other = folder.resolve("node-ingest-1").resolve("incoming").resolve("in1");
    Files.writeString(own, "half");
    Files.writeString(other, "half");
    FolderMediaStore.shared(folder, "ingest-0");
    assertThat(own).doesNotExist();
    assertThat(other).exists();
  }

  @Test
  void opensNothingButHashes() throws IOException {
    store.put(bytes("hello"), 5);
    for (String name : List.of("", "../../etc/passwd", HELLO_HASH + "0", "0".repeat(64))) {
      assertThat(store.open(name)).as(name).isEmpty();
    }
  }
}
