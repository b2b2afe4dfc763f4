package org.headrace.http;

import io.quarkus.runtime.configuration.MemorySize;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * How much may be uploaded; {@code m.upload.size} tells clients.
 *
 * @see <a href="https://spec.matrix.org/v1.19/client-server-api/#content-repository">Content
 *     repository</a>
 */
@Singleton
public final class MediaLimits {
  private final long uploadBytesMax;
  private final long userBytesMax;

  @Inject
  MediaLimits(
      @ConfigProperty(name = "headrace.media.upload-bytes", defaultValue = "52428800")
          long uploadBytesMax,
      @ConfigProperty(name = "headrace.media.user-bytes", defaultValue = "10737418240")
          long userBytesMax,
      @ConfigProperty(name = "quarkus.http.limits.max-body-size")
          Optional<MemorySize> bodyBytesMax) {
    // A longer body would be refused before anybody asks for these limits.
    this.uploadBytesMax =
        bodyBytesMax
            .map(body -> Math.min(uploadBytesMax, body.asLongValue()))
            .orElse(uploadBytesMax);
    this.userBytesMax = userBytesMax;
  }

  /** Of one upload, which is a request's body, and of one download from another server. */
  public long uploadBytesMax() {
    return uploadBytesMax;
  }

  /** Of all uploads of one user together. */
  public long userBytesMax() {
    return userBytesMax;
  }
}
