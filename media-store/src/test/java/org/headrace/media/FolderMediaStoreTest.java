package org.headrace.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
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
    Files.writeString(folder.resolve("incoming").resolve("in123"), "half");
    store = new FolderMediaStore(folder);
    assertThat(files()).isEmpty();
  }

  @Test
  void opensNothingButHashes() throws IOException {
    store.put(bytes("hello"), 5);
    for (String name : List.of("", "../../etc/passwd", HELLO_HASH + "0", "0".repeat(64))) {
      assertThat(store.open(name)).as(name).isEmpty();
    }
  }
}
