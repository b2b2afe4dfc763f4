package org.headrace.api.user;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.util.Set;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.push.DefaultPushRules;
import org.headrace.http.Caller;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.projections.view.AccountsView;

/** GET of push rules, which are the user's account data m.push_rules (push module). */
@Path("/")
public class PushRulesResource {
  private static final Set<String> KINDS =
      Set.of("override", "content", "room", "sender", "underride");

  @Inject Caller caller;
  @Inject AccountsView accounts;

  @GET
  @Path("_matrix/client/v3/pushrules")
  @RunOnVirtualThread
  public Response all() {
    return Replies.ok(Json.object().set("global", global()));
  }

  @GET
  @Path("_matrix/client/v3/pushrules/global")
  @RunOnVirtualThread
  public Response ofGlobal() {
    return Replies.ok(global());
  }

  @GET
  @Path("_matrix/client/v3/pushrules/global/{kind}/{ruleId}")
  @RunOnVirtualThread
  public Response rule(@PathParam("kind") String kind, @PathParam("ruleId") String ruleId) {
    return Replies.ok(find(kind, ruleId));
  }

  @GET
  @Path("_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled")
  @RunOnVirtualThread
  public Response enabled(@PathParam("kind") String kind, @PathParam("ruleId") String ruleId) {
    ObjectNode json = Json.object();
    return Replies.ok(json.put("enabled", find(kind, ruleId).path("enabled").asBoolean()));
  }

  @GET
  @Path("_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions")
  @RunOnVirtualThread
  public Response actions(@PathParam("kind") String kind, @PathParam("ruleId") String ruleId) {
    ObjectNode json = Json.object();
    json.set("actions", find(kind, ruleId).path("actions"));
    return Replies.ok(json);
  }

  private ObjectNode global() {
    UserId user = caller.user();
    ObjectNode rules =
        accounts
            .accountData(user, null, "m.push_rules")
            .map(data -> data.content())
            .orElseGet(() -> DefaultPushRules.forUser(user));
    return rules.path("global") instanceof ObjectNode global ? global : Json.object();
  }

  private ObjectNode find(String kind, String ruleId) {
    ObjectNode global = global();
    if (!KINDS.contains(kind)) {
      throw MatrixError.invalidParam("There is no kind of push rule of this name");
    }
    for (JsonNode rule : global.path(kind)) {
      if (rule instanceof ObjectNode found && found.path("rule_id").asText().equals(ruleId)) {
        return found;
      }
    }
    throw MatrixError.notFound("There is no such push rule");
  }
}
