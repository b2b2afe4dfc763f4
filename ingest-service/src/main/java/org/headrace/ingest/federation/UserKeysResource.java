package org.headrace.ingest.federation;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.SortedMap;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Peers;
import org.headrace.http.Replies;
import org.headrace.ingest.account.KeyClaims;

/** POST /user/keys/claim (server-server API, "End-to-End Encryption"). */
@Path("/")
@RunOnVirtualThread
public class UserKeysResource {
  @Inject Peers peers;
  @Inject KeyClaims claims;

  /** Users of other servers than the one that is asked have no keys here. */
  @POST
  @Path("/_matrix/federation/v1/user/keys/claim")
  public Response claim(byte[] bytes) {
    Peers.Request request = peers.require(bytes);
    SortedMap<UserId, SortedMap<String, String>> asked = claims.parse(request.body());
    asked.keySet().removeIf(user -> !user.server().equals(request.peer().tenant()));
    return Replies.ok(Json.object().set("one_time_keys", claims.claim(asked)));
  }
}
