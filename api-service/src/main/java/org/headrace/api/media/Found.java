package org.headrace.api.media;

import java.io.IOException;
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
  @Override
  public void close() throws IOException {
    content.close();
  }
}
