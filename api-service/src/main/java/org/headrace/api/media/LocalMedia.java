package org.headrace.api.media;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.headrace.api.Params;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.http.MatrixError;
import org.headrace.http.MediaTypes;
import org.headrace.log.ticks.Wakeups;
import org.headrace.media.MediaStore;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.record.MediaContent;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What users of servers that are hosted here have uploaded. */
@Singleton
public class LocalMedia {
  private static final Logger LOG = Logger.getLogger(LocalMedia.class);

  /** How long a download waits for content that is being uploaded. */
  private static final long WAIT_MILLIS_DEFAULT = 20_000;

  private static final long WAIT_MILLIS_MAX = 60_000;

  private final AccountsView accounts;
  private final MediaStore store;
  private final Wakeups wakeups;
  private final Clock clock;

  @Inject
  LocalMedia(AccountsView accounts, MediaStore store, Wakeups wakeups, Clock clock) {
    this.accounts = accounts;
    this.store = store;
    this.wakeups = wakeups;
    this.clock = clock;
  }

  /** {@code timeout_ms}, of clients and of servers. */
  public static Duration wait(@Nullable String timeout) {
    return Duration.ofMillis(
        Params.integer(timeout, "timeout_ms", WAIT_MILLIS_DEFAULT, WAIT_MILLIS_MAX));
  }

  /**
   * The upload; throws M_NOT_FOUND, or M_NOT_YET_UPLOADED (504) where its content did not come
   * while it was waited for.
   */
  public Found find(ServerName server, MediaId id, Duration wait) throws IOException {
    AccountsView.Media media = accounts.media(server, id).orElseThrow(LocalMedia::unknown);
    MediaContent content = media.content();
    if (content == null) {
      content = await(server, id, media.user(), wait);
    }
    MediaContent found = content;
    Optional<MediaStore.Content> bytes = store.open(found.hash());
    if (bytes.isEmpty()) {
      LOG.warnf("The bytes of mxc://%s/%s are not in the media store", server, id);
      throw unknown();
    }
    return new Found(
        "sha256:" + found.hash(),
        MediaTypes.orOctets(found.type()),
        found.filename(),
        found.size(),
        bytes.get());
  }

  private MediaContent await(ServerName server, MediaId id, UserId uploader, Duration wait) {
    long end = System.nanoTime() + wait.toNanos();
    try (Wakeups.Waiter waiter = wakeups.register(uploader, Set.of())) {
      while (true) {
        AccountsView.Media media = accounts.media(server, id).orElseThrow(LocalMedia::unknown);
        if (media.content() != null) {
          return media.content();
        }
        if (media.expiresTs() < clock.millis()) {
          throw unknown();
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          throw new MatrixError(504, "M_NOT_YET_UPLOADED", "The content has not been uploaded yet");
        }
        boolean unused = waiter.await(Duration.ofNanos(left));
      }
    }
  }

  static MatrixError unknown() {
    return MatrixError.notFound("There is no such media");
  }
}
