package org.headrace.api.federation;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import org.headrace.api.media.Found;
import org.headrace.api.media.LocalMedia;
import org.headrace.api.media.MultipartMedia;
import org.headrace.api.media.ThumbnailCache;
import org.headrace.api.media.ThumbnailSize;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.MediaId;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.Peers;
import org.jspecify.annotations.Nullable;

/** The tenant's media (server-server API, "Content Repository"). */
@Path("/")
@RunOnVirtualThread
public class MediaResource {
  private static final int TOO_LARGE = 413;

  @Inject Peers peers;
  @Inject LocalMedia local;
  @Inject ThumbnailCache thumbnails;
  @Inject Request request;

  @GET
  @Path("_matrix/federation/v1/media/download/{mediaId}")
  public Response download(
      @PathParam("mediaId") String mediaId, @QueryParam("timeout_ms") @Nullable String timeout)
      throws IOException {
    return MultipartMedia.of(find(peers.require(), mediaId, timeout), isHead());
  }

  @GET
  @Path("_matrix/federation/v1/media/thumbnail/{mediaId}")
  public Response thumbnail(
      @PathParam("mediaId") String mediaId,
      @QueryParam("width") @Nullable String width,
      @QueryParam("height") @Nullable String height,
      @QueryParam("method") @Nullable String method,
      @QueryParam("timeout_ms") @Nullable String timeout)
      throws IOException {
    Peer peer = peers.require();
    ThumbnailSize size = ThumbnailSize.of(width, height, method);
    Found original = find(peer, mediaId, timeout);
    return MultipartMedia.of(
        thumbnails.find(peer.origin().value(), original, size, TOO_LARGE), isHead());
  }

  private boolean isHead() {
    return request.getMethod().equals(HttpMethod.HEAD);
  }

  private Found find(Peer peer, String mediaId, @Nullable String timeout) throws IOException {
    Duration wait = LocalMedia.wait(timeout);
    try {
      return local.find(peer.tenant(), new MediaId(mediaId), wait);
    } catch (InvalidIdException e) {
      throw MatrixError.notFound("There is no such media");
    }
  }
}
