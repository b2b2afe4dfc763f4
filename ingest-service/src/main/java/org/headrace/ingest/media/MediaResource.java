package org.headrace.ingest.media;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.MatrixError;
import org.headrace.http.MediaLimits;
import org.headrace.http.MediaTypes;
import org.headrace.http.Replies;
import org.headrace.ingest.client.RandomIds;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.media.MediaStore;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.MediaContent;
import org.jspecify.annotations.Nullable;

/**
 * Uploads (client-server API, "Content repository"). The bytes go to the media store first, then a
 * command says whose they are and under which id.
 */
@Path("/")
@RunOnVirtualThread
public class MediaResource {
  /** 24 of 52 letters: 136 bits that nobody guesses. */
  private static final int MEDIA_ID_CHARS = 24;

  /** How long a media id waits for its content. */
  private static final Duration UNUSED_MAX = Duration.ofHours(24);

  private static final long RETRY_MILLIS = 60_000;

  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject MediaLimits limits;
  @Inject RandomSource random;
  @Inject Uploads uploads;
  @Inject Writes writes;

  @POST
  @Path("/_matrix/media/v3/upload")
  public Response upload(
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String type,
      @HeaderParam(HttpHeaders.CONTENT_LENGTH) @Nullable String length,
      @QueryParam("filename") @Nullable String filename,
      InputStream body)
      throws IOException {
    UserId user = caller.user();
    String name = requireFilename(filename);
    uploads.count(user);
    MediaStore.Stored stored = uploads.receive(user, body, bytes(length));
    MediaId media = newId();
    submit(user, media, stored, type, name, false);
    return Replies.ok(Json.object().put("content_uri", uri(user, media)));
  }

  @POST
  @Path("/_matrix/media/v1/create")
  public Response create() {
    UserId user = caller.user();
    uploads.count(user);
    MediaId media = newId();
    long expires = writes.now() + UNUSED_MAX.toMillis();
    try {
      writes.submit(
          new AccountCommand.ReserveMedia(writes.newId(), writes.now(), user, media, expires));
    } catch (MatrixError e) {
      if (e.errcode().equals("M_RESOURCE_LIMIT_EXCEEDED")) {
        throw MatrixError.limitExceeded(RETRY_MILLIS);
      }
      throw e;
    }
    return Replies.ok(
        Json.object().put("content_uri", uri(user, media)).put("unused_expires_at", expires));
  }

  @PUT
  @Path("/_matrix/media/v3/upload/{serverName}/{mediaId}")
  public Response uploadTo(
      @PathParam("serverName") String serverName,
      @PathParam("mediaId") String mediaId,
      @HeaderParam(HttpHeaders.CONTENT_TYPE) @Nullable String type,
      @HeaderParam(HttpHeaders.CONTENT_LENGTH) @Nullable String length,
      @QueryParam("filename") @Nullable String filename,
      InputStream body)
      throws IOException {
    UserId user = caller.user();
    String name = requireFilename(filename);
    MediaId media = reserved(user, serverName, mediaId);
    uploads.count(user);
    try (var turn = uploads.begin(user, media)) {
      MediaStore.Stored stored = uploads.receive(user, body, bytes(length));
      submit(user, media, stored, type, name, true);
    }
    return Replies.empty();
  }

  /** Told by the view before anything is received; the account decides it again. */
  private MediaId reserved(UserId user, String serverName, String mediaId) {
    try {
      MediaId media = new MediaId(mediaId);
      AccountsView.Media known =
          accounts.media(new ServerName(serverName), media).orElseThrow(MediaResource::unknown);
      if (!known.user().equals(user)) {
        throw MatrixError.forbidden("This media id is another user's");
      }
      if (known.content() != null) {
        throw new MatrixError(
            409, "M_CANNOT_OVERWRITE_MEDIA", "This media id has its content already");
      }
      if (known.expiresTs() < writes.now()) {
        throw unknown();
      }
      return media;
    } catch (InvalidIdException e) {
      throw unknown();
    }
  }

  private static MatrixError unknown() {
    return MatrixError.notFound("There is no such media id, or it has expired");
  }

  private void submit(
      UserId user,
      MediaId media,
      MediaStore.Stored stored,
      @Nullable String type,
      @Nullable String filename,
      boolean reserved)
      throws IOException {
    MediaContent content =
        new MediaContent(stored.hash(), stored.size(), MediaTypes.orOctets(type), filename);
    AccountCommand command =
        new AccountCommand.StoreMedia(
            writes.newId(), writes.now(), user, media, content, reserved, limits.userBytesMax());
    uploads.settle(stored, () -> writes.submit(command));
  }

  private MediaId newId() {
    return new MediaId(RandomIds.letters(random, MEDIA_ID_CHARS));
  }

  private static String uri(UserId user, MediaId media) {
    return "mxc://" + user.server() + "/" + media;
  }

  private static long bytes(@Nullable String length) {
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** It is shown in a header, and to people. */
  private static @Nullable String requireFilename(@Nullable String filename) {
    if (filename == null || filename.isEmpty()) {
      return null;
    }
    if (filename.getBytes(StandardCharsets.UTF_8).length > Sizes.NAME_BYTES_MAX
        || filename.chars().anyMatch(Character::isISOControl)
        || !isUnicode(filename)) {
      throw MatrixError.invalidParam(
          "filename may have "
              + Sizes.NAME_BYTES_MAX
              + " bytes at most, and no control characters");
    }
    return filename;
  }

  private static boolean isUnicode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
