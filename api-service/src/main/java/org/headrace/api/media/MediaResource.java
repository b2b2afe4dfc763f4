package org.headrace.api.media;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.time.Duration;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.MediaId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.http.Caller;
import org.headrace.http.MediaLimits;
import org.headrace.http.MediaTypes;
import org.headrace.http.Replies;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * Downloads, for users with a token (client-server API, "Content repository"). What needs no token
 * was frozen before anything was uploaded: it is there, and knows of nothing.
 */
@Path("/")
@RunOnVirtualThread
public class MediaResource {
  private static final String CLIENT = "/_matrix/client/v1/media";
  private static final String FROZEN = "/_matrix/media/v3";

  /** The specification's recommendation. */
  private static final String CONTENT_SECURITY_POLICY =
      "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf;"
          + " style-src 'unsafe-inline'; object-src 'self';";

  @Inject Caller caller;
  @Inject LocalMedia local;
  @Inject RemoteMedia remote;
  @Inject ThumbnailCache thumbnails;
  @Inject MediaLimits limits;
  @Inject Tenants tenants;
  @Inject FederationPolicy.OfTenants policies;
  @Inject RoutingContext context;

  @GET
  @Path(CLIENT + "/config")
  public Response config() {
    UserId unused = caller.user();
    return Replies.ok(Json.object().put("m.upload.size", limits.uploadBytesMax()));
  }

  @GET
  @Path(FROZEN + "/config")
  public Response configBefore() {
    return config();
  }

  @GET
  @Path(CLIENT + "/download/{serverName}/{mediaId}")
  public Response download(
      @PathParam("serverName") String serverName,
      @PathParam("mediaId") String mediaId,
      @QueryParam("timeout_ms") @Nullable String timeout)
      throws IOException {
    UserId user = caller.user();
    Found found = find(user, serverName, mediaId, timeout);
    return answer(found, found.filename(), isHead());
  }

  @GET
  @Path(CLIENT + "/download/{serverName}/{mediaId}/{fileName}")
  public Response downloadAs(
      @PathParam("serverName") String serverName,
      @PathParam("mediaId") String mediaId,
      @PathParam("fileName") String fileName,
      @QueryParam("timeout_ms") @Nullable String timeout)
      throws IOException {
    UserId user = caller.user();
    return answer(find(user, serverName, mediaId, timeout), fileName, isHead());
  }

  @GET
  @Path(CLIENT + "/thumbnail/{serverName}/{mediaId}")
  public Response thumbnail(
      @PathParam("serverName") String serverName,
      @PathParam("mediaId") String mediaId,
      @QueryParam("width") @Nullable String width,
      @QueryParam("height") @Nullable String height,
      @QueryParam("method") @Nullable String method,
      @QueryParam("timeout_ms") @Nullable String timeout)
      throws IOException {
    UserId user = caller.user();
    ThumbnailSize size = ThumbnailSize.of(width, height, method);
    Found original = find(user, serverName, mediaId, timeout);
    int tooLarge = tenants.isHosted(new ServerName(serverName)) ? 413 : 502;
    Found found = thumbnails.find(user.value(), original, size, tooLarge);
    return answer(found, found.filename(), isHead());
  }

  @GET
  @Path(FROZEN + "/download/{serverName}/{mediaId}")
  public Response downloadBefore() {
    throw LocalMedia.unknown();
  }

  @GET
  @Path(FROZEN + "/download/{serverName}/{mediaId}/{fileName}")
  public Response downloadAsBefore() {
    throw LocalMedia.unknown();
  }

  @GET
  @Path(FROZEN + "/thumbnail/{serverName}/{mediaId}")
  public Response thumbnailBefore() {
    throw LocalMedia.unknown();
  }

  private Found find(UserId user, String serverName, String mediaId, @Nullable String timeout)
      throws IOException {
    Duration wait = LocalMedia.wait(timeout);
    ServerName server;
    MediaId id;
    try {
      server = new ServerName(serverName);
      id = new MediaId(mediaId);
    } catch (InvalidIdException e) {
      throw LocalMedia.unknown();
    }
    return policies.reachesHere(user.server(), server)
        ? local.find(server, id, wait)
        : remote.find(user, server, id, wait);
  }

  private boolean isHead() {
    return context.request().method().equals(HttpMethod.HEAD);
  }

  /** Of a HEAD request nothing would be written, and nobody would close the media. */
  static Response answer(Found found, @Nullable String filename, boolean head) throws IOException {
    StreamingOutput output =
        out -> {
          try (found) {
            found.content().stream().transferTo(out);
          }
        };
    if (head) {
      found.close();
    }
    return (head ? Response.ok() : Response.ok(output))
        .header("Content-Type", found.type())
        .header("Content-Length", found.size())
        .header(
            "Content-Disposition",
            ContentDisposition.of(MediaTypes.isInline(found.type()), filename))
        .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .header("Cross-Origin-Resource-Policy", "cross-origin")
        .header("X-Content-Type-Options", "nosniff")
        .header("Cache-Control", "private, max-age=86400")
        .build();
  }
}
