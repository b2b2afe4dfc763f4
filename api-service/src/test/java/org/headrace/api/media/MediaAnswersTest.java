package org.headrace.api.media;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.headrace.media.FolderMediaStore;
import org.headrace.media.MediaStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are closed, whether they are written or only spoken of. */
class MediaAnswersTest {
  @TempDir Path folder;

  private Found found() throws IOException {
    MediaStore store = new FolderMediaStore(folder);
    byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
    MediaStore.Stored stored = store.put(new ByteArrayInputStream(hello), 5);
    return new Found("k", "text/plain", null, 5, store.open(stored.hash()).orElseThrow());
  }

  private static boolean isOpen(Found found) {
    try (InputStream bytes = found.content().stream()) {
      return bytes.read() >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aHeadHasNoBodyAndClosesAtOnce() throws IOException {
    Found found = found();
    try (Response head = MediaResource.answer(found, null, true)) {
      assertThat(head.hasEntity()).isFalse();
      assertThat(head.getHeaderString("Content-Length")).isEqualTo("5");
    }
    assertThat(isOpen(found)).isFalse();
    Found another = found();
    try (Response head = MultipartMedia.of(another, true)) {
      assertThat(head.hasEntity()).isFalse();
    }
    assertThat(isOpen(another)).isFalse();
  }

  @Test
  void aGetClosesWhenAllIsWritten() throws IOException {
    Found found = found();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Response get = MediaResource.answer(found, null, false)) {
      ((StreamingOutput) get.getEntity()).write(out);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("hello");
    assertThat(isOpen(found)).isFalse();
  }
}
