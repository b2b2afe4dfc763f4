package org.headrace.federation.call;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationRequest;
import org.headrace.federation.client.Link;
import org.headrace.federation.client.Target;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;

/** {@code POST /_matrix/policy/v1/sign}. */
public final class PolicyServers {
  /** A person waits for the answer. */
  private static final CallLimits LIMITS = CallLimits.QUERY.withTotal(Duration.ofSeconds(15));

  private final FederationClient client;

  public PolicyServers(FederationClient client) {
    this.client = client;
  }

  /**
   * Asks a policy server to recommend an event.
   *
   * @return {@code {server: {key id: signature}}}, not checked
   */
  public ObjectNode sign(Link link, ObjectNode event) throws FederationException {
    Target target = Target.of("/_matrix/policy/v1/sign");
    return client.call(FederationRequest.post(link, target, event), LIMITS);
  }
}
