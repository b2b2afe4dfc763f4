package org.headrace.federation.call;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** What a server tells anybody: its version, and whose an OpenID token is. */
public final class Servers {
  private final FederationClient client;

  public Servers(FederationClient client) {
    this.client = client;
  }

  /** {@code GET /version}: {@code {server: {name, version}}}. */
  public ObjectNode version(ServerName server) throws FederationException {
    Target target = Target.of("/_matrix/federation/v1/version");
    return client.call(FederationRequest.unsignedGet(server, target), CallLimits.KEYS);
  }

  /** {@code GET /openid/userinfo}: the token's user, who is one of that server. */
  public UserId openIdUser(ServerName server, String token) throws FederationException {
    Target target =
        Target.of("/_matrix/federation/v1/openid/userinfo").query("access_token", token);
    ObjectNode answer = client.call(FederationRequest.unsignedGet(server, target), CallLimits.KEYS);
    UserId user = Answers.id(answer, "sub", UserId::new);
    if (!user.server().equals(server)) {
      throw Answers.bad("the user is of another server");
    }
    return user;
  }
}
