package org.headrace.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MediaCacheTest {
  private static final int ENTRY_BYTES = 10_000;
  private static final MediaCache.Label TEXT = new MediaCache.Label("text/plain", "ä.txt");

  @TempDir Path folder;
  private final AtomicLong seconds = new AtomicLong(1_000_000);
  private final InstantSource clock = () -> Instant.ofEpochSecond(seconds.incrementAndGet());

  private MediaCache cache(long bytesMax) throws IOException {
    return new MediaCache(folder, bytesMax, clock);
  }

  private static void put(MediaCache cache, String key) throws IOException {
    cache.put(key, TEXT, out -> out.write(new byte[ENTRY_BYTES]), ENTRY_BYTES);
  }

  private static boolean has(MediaCache cache, String key) throws IOException {
    Optional<MediaCache.Entry> entry = cache.open(key);
    if (entry.isPresent()) {
      entry.get().close();
    }
    return entry.isPresent();
  }

  @Test
  void givesBackBytesAndLabel() throws IOException {
    MediaCache cache = cache(1_000_000);
    put(cache, "a/b");
    try (MediaCache.Entry entry = cache.open("a/b").orElseThrow()) {
      assertThat(entry.label()).isEqualTo(TEXT);
      assertThat(entry.size()).isEqualTo(ENTRY_BYTES);
      assertThat(entry.content().stream().readAllBytes()).hasSize(ENTRY_BYTES);
    }
    assertThat(has(cache, "a")).isFalse();
  }

  @Test
  void whatWasNotAskedForTheLongestGoesFirst() throws IOException {
    MediaCache cache = cache(3 * 15_000);
    put(cache, "1");
    put(cache, "2");
    put(cache, "3");
    assertThat(has(cache, "1")).isTrue();
    put(cache, "4");
    assertThat(has(cache, "2")).isFalse();
    assertThat(has(cache, "1")).isTrue();
    assertThat(has(cache, "3")).isTrue();
    assertThat(has(cache, "4")).isTrue();
  }

  @Test
  void theOrderOfUseOutlivesTheProcess() throws IOException {
    MediaCache cache = cache(1_000_000);
    put(cache, "1");
    put(cache, "2");
    assertThat(has(cache, "1")).isTrue();
    MediaCache next = cache(20_000);
    assertThat(has(next, "1")).isTrue();
    assertThat(has(next, "2")).isFalse();
  }

  @Test
  void keepsNothingOfWhatIsTooLarge() throws IOException {
    MediaCache cache = cache(1_000_000);
    assertThatThrownBy(() -> cache.put("1", TEXT, out -> out.write(new byte[6]), 5))
        .isInstanceOf(TooLargeException.class);
    assertThat(has(cache, "1")).isFalse();
  }

  @Test
  void aFileThatIsNoEntryIsNoEntry() throws IOException {
    MediaCache cache = cache(1_000_000);
    put(cache, "1");
    try (var files = java.nio.file.Files.list(folder)) {
      java.nio.file.Files.write(files.findFirst().orElseThrow(), new byte[0]);
    }
    assertThat(has(cache, "1")).isFalse();
  }
}
