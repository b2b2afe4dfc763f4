package org.headrace.ingest.media;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.UserId;
import org.headrace.http.MatrixError;
import org.headrace.http.MediaLimits;
import org.headrace.http.Places;
import org.headrace.http.RateLimit;
import org.headrace.log.publish.BusyException;
import org.headrace.media.MediaStore;
import org.headrace.media.TooLargeException;
import org.headrace.projections.view.AccountsView;

/** Takes the bytes of uploads, within what a user and the server may take. */
@Singleton
class Uploads {
  /** Uploads that are received at once. */
  private static final int RECEIVED_AT_ONCE_MAX = 64;

  /** Of them, from one user. */
  private static final int RECEIVED_AT_ONCE_FROM_USER_MAX = 4;

  private static final int BURST = 100;
  private static final Duration REFILL = Duration.ofMillis(500);

  private final AccountsView accounts;
  private final MediaStore store;
  private final MediaLimits limits;
  private final Clock clock;
  private final RateLimit rate;
  private final boolean rateLimited;
  private final Places places = new Places(RECEIVED_AT_ONCE_MAX, RECEIVED_AT_ONCE_FROM_USER_MAX);
  private final Places perId = new Places(Integer.MAX_VALUE, 1);

  @Inject
  Uploads(
      AccountsView accounts,
      MediaStore store,
      MediaLimits limits,
      Clock clock,
      @ConfigProperty(name = "headrace.rate-limits.enabled", defaultValue = "true")
          boolean rateLimited) {
    this.accounts = accounts;
    this.store = store;
    this.limits = limits;
    this.clock = clock;
    this.rate = new RateLimit(BURST, REFILL, clock::millis);
    this.rateLimited = rateLimited;
  }

  /** Counts one upload, or one media id, of the user; throws M_LIMIT_EXCEEDED. */
  void count(UserId user) {
    if (rateLimited) {
      rate.take(user.value());
    }
  }

  /**
   * Stores the body, to be settled afterwards. Throws M_TOO_LARGE (413), M_FORBIDDEN beyond the
   * user's quota, M_LIMIT_EXCEEDED while too many others, or of the user's, are being received.
   *
   * @param declaredBytes what the request says of its length; negative if nothing
   */
  MediaStore.Stored receive(UserId user, InputStream body, long declaredBytes) throws IOException {
    long uploadMax = limits.uploadBytesMax();
    if (declaredBytes > uploadMax) {
      throw tooLarge();
    }
    long left = limits.userBytesMax() - accounts.mediaBytes(user);
    if (left <= 0 || declaredBytes > left) {
      throw MatrixError.forbidden("Your uploads would exceed your quota");
    }
    try (var place = places.take(user.value(), Duration.ZERO)) {
      return store.put(new PacedUpload(body, clock::millis), Math.min(uploadMax, left));
    } catch (TooLargeException e) {
      throw left < uploadMax
          ? MatrixError.forbidden("Your uploads would exceed your quota")
          : tooLarge();
    }
  }

  /**
   * Begins an upload to an id that was reserved, until it is closed; throws M_LIMIT_EXCEEDED while
   * another is under way.
   */
  Places.Place begin(UserId user, MediaId media) {
    return perId.take(user.server() + "/" + media, Duration.ZERO);
  }

  /**
   * Submits what says whose the bytes are; where it is refused, they are deleted if nobody else has
   * them. After a failure that leaves its outcome open they stay.
   */
  void settle(MediaStore.Stored stored, Runnable submit) throws IOException {
    boolean used = true;
    try {
      submit.run();
    } catch (MatrixError | BusyException e) {
      used = false;
      throw e;
    } finally {
      store.settle(stored, used);
    }
  }

  private MatrixError tooLarge() {
    return MatrixError.tooLarge("An upload may have " + limits.uploadBytesMax() + " bytes at most");
  }
}
