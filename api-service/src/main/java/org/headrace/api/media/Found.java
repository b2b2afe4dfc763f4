package org.headrace.api.media;

import java.io.IOException;
import java.util.Optional;
import org.headrace.media.MediaCache;
import org.headrace.media.MediaStore;
import org.jspecify.annotations.Nullable;

/**
 * Media to be read and closed.
 *
 * @param key names its bytes, for what is made of them
 * @param type as a header may name it
 */
public record Found(
    String key, String type, @Nullable String filename, long size, MediaStore.Content content)
    implements AutoCloseable {
  /** What the cache holds under this key. */
  static Optional<Found> kept(MediaCache cache, String key) throws IOException {
    return cache
        .open(key)
        .map(
            entry ->
                new Found(
                    key,
                    entry.label().type(),
                    entry.label().filename(),
                    entry.size(),
                    entry.content()));
  }

  @Override
  public void close() throws IOException {
    content.close();
  }
}
