package org.headrace.api.media;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.http.MatrixError;
import org.headrace.http.RateLimit;
import org.headrace.media.MediaCache;

/** Thumbnails, made when they are asked for and kept for a while. */
@Singleton
public class ThumbnailCache {
  /** Of a file that a thumbnail is made of; it is held in memory. */
  private static final int ORIGINAL_BYTES_MAX = 20 * 1024 * 1024;

  private static final int THUMBNAIL_BYTES_MAX = 40 * 1024 * 1024;

  /** How long a request waits for its turn: pictures are read one after another. */
  private static final long TURN_MILLIS_MAX = 20_000;

  private static final int BURST = 100;
  private static final Duration REFILL = Duration.ofMillis(500);

  private final MediaCache cache;
  private final RateLimit rate;
  private final boolean rateLimited;
  private final Semaphore turns = new Semaphore(1, true);

  @Inject
  ThumbnailCache(
      MediaCache cache,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean rateLimited) {
    this.cache = cache;
    this.rate = new RateLimit(BURST, REFILL, clock::millis);
    this.rateLimited = rateLimited;
  }

  /**
   * A thumbnail of the media, which it closes.
   *
   * @param asker a user, or a server; each has thumbnails made at a rate of its own
   * @param tooLargeStatus 413 for media of ours, 502 for another server's
   */
  public Found find(String asker, Found original, ThumbnailSize size, int tooLargeStatus)
      throws IOException {
    try (original) {
      String key =
          "thumbnail:%dx%d:%s:%s"
              .formatted(
                  size.width(), size.height(), size.crop() ? "crop" : "scale", original.key());
      Optional<Found> kept = Found.kept(cache, key);
      if (kept.isPresent()) {
        return kept.get();
      }
      if (original.size() > ORIGINAL_BYTES_MAX) {
        throw tooLarge(tooLargeStatus);
      }
      if (rateLimited) {
        rate.take(asker);
      }
      return make(key, original, size, tooLargeStatus);
    }
  }

  private Found make(String key, Found original, ThumbnailSize size, int tooLargeStatus)
      throws IOException {
    take();
    try {
      // Whoever had the turn before may have made it.
      Optional<Found> kept = Found.kept(cache, key);
      if (kept.isPresent()) {
        return kept.get();
      }
      Thumbnailer.Picture picture =
          Thumbnailer.of(original.content().stream().readAllBytes(), size);
      String name = picture.type().endsWith("png") ? "thumbnail.png" : "thumbnail.jpg";
      cache.put(
          key,
          new MediaCache.Label(picture.type(), name),
          out -> out.write(picture.bytes()),
          THUMBNAIL_BYTES_MAX);
      return Found.kept(cache, key).orElseThrow(() -> MatrixError.limitExceeded(TURN_MILLIS_MAX));
    } catch (Thumbnailer.TooManyPixelsException e) {
      throw tooLarge(tooLargeStatus);
    } catch (Thumbnailer.NoPictureException e) {
      throw new MatrixError(400, "M_UNKNOWN", "No thumbnail can be made of these media");
    } finally {
      turns.release();
    }
  }

  private void take() {
    try {
      if (turns.tryAcquire(TURN_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw MatrixError.limitExceeded(TURN_MILLIS_MAX);
  }

  private static MatrixError tooLarge(int status) {
    return new MatrixError(status, "M_TOO_LARGE", "The picture is too large for a thumbnail");
  }
}
