package org.headrace.api.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.headrace.api.Params;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.jspecify.annotations.Nullable;

/** GET /hierarchy: pages of a space (client-server API, "Spaces"). */
@Path("/")
public class HierarchyResource {
  private static final int LIMIT_DEFAULT = 50;
  private static final int LIMIT_MAX = 100;
  private static final int DEPTH_DEFAULT = 10;
  private static final int DEPTH_MAX = 20;
  private static final int OFFSET_MAX = 1_000;
  private static final String TOKEN_FORM = "[0-9]{1,4}_[0-9]{1,2}_[01]";

  @Inject Caller caller;
  @Inject SpaceWalk walk;

  /** A page's token: where it begins, of a walk with these parameters. */
  private record Token(int offset, int maxDepth, boolean suggestedOnly) {
    String encode() {
      return offset + "_" + maxDepth + "_" + (suggestedOnly ? 1 : 0);
    }

    static Token decode(String text) {
      if (!text.matches(TOKEN_FORM)) {
        throw MatrixError.invalidParam("from is no token of this server");
      }
      String[] parts = text.split("_", -1);
      return new Token(
          Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[2].equals("1"));
    }
  }

  @GET
  @Path("_matrix/client/v1/rooms/{roomId}/hierarchy")
  @RunOnVirtualThread
  public Response hierarchy(
      @PathParam("roomId") String roomId,
      @QueryParam("suggested_only") @Nullable String suggestedOnly,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("max_depth") @Nullable String maxDepth,
      @QueryParam("from") @Nullable String from) {
    caller.session();
    int size = (int) Params.integer(limit, "limit", LIMIT_DEFAULT, LIMIT_MAX);
    if (size == 0) {
      throw MatrixError.invalidParam("limit must be greater than zero");
    }
    boolean suggested = Params.bool(suggestedOnly, "suggested_only");
    int depth = (int) Params.integer(maxDepth, "max_depth", DEPTH_DEFAULT, DEPTH_MAX);
    Token start = new Token(0, depth, suggested);
    if (from != null && !from.isEmpty()) {
      start = Token.decode(from);
      boolean changed =
          (maxDepth != null && !maxDepth.isEmpty() && start.maxDepth() != depth)
              || (suggestedOnly != null && start.suggestedOnly() != suggested);
      if (changed) {
        throw MatrixError.invalidParam("max_depth and suggested_only cannot change in between");
      }
    }
    int end = Math.min(start.offset(), OFFSET_MAX) + size;
    List<ObjectNode> found =
        walk.walk(
            Ids.room(roomId),
            caller.user(),
            new SpaceWalk.Bounds(start.suggestedOnly(), start.maxDepth(), end + 1));
    if (found.isEmpty()) {
      throw MatrixError.forbidden("You may not see this room");
    }
    ObjectNode json = Json.object();
    ArrayNode rooms = json.putArray("rooms");
    found
        .subList(Math.min(start.offset(), found.size()), Math.min(end, found.size()))
        .forEach(rooms::add);
    if (found.size() > end) {
      json.put("next_batch", new Token(end, start.maxDepth(), start.suggestedOnly()).encode());
    }
    return Replies.ok(json);
  }
}
