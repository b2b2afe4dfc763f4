package org.headrace.api.media;

import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.headrace.http.MediaTypes;

/** What another server is given: the media in the second part of two (server-server API). */
public final class MultipartMedia {
  private MultipartMedia() {}

  /**
   * An answer with the media, which it closes once they are written; of a HEAD request, at once.
   */
  public static Response of(Found found, boolean head) throws IOException {
    String boundary = UUID.randomUUID().toString();
    byte[] begin =
        text(
            ("--%s\r\nContent-Type: application/json\r\n\r\n{}\r\n"
                    + "--%s\r\nContent-Type: %s\r\nContent-Disposition: %s\r\n\r\n")
                .formatted(
                    boundary,
                    boundary,
                    found.type(),
                    ContentDisposition.of(MediaTypes.isInline(found.type()), found.filename())));
    byte[] tail = text("\r\n--%s--\r\n".formatted(boundary));
    StreamingOutput output =
        out -> {
          try (found) {
            out.write(begin);
            found.content().stream().transferTo(out);
            out.write(tail);
          }
        };
    if (head) {
      found.close();
    }
    return (head ? Response.ok() : Response.ok(output))
        .header("Content-Type", "multipart/mixed; boundary=" + boundary)
        .header("Content-Length", begin.length + found.size() + tail.length)
        .build();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
