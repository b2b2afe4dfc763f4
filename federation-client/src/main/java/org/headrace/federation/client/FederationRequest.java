package org.headrace.federation.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.headrace.core.id.ServerName;

/**
 * A request to another server.
 *
 * @param tenant the server that signs it; none for what needs no signature (keys, version)
 * @param method GET, PUT or POST
 * @param target path and query, percent-encoded; see {@link Target}
 */
public record FederationRequest(
    Optional<ServerName> tenant,
    ServerName destination,
    String method,
    String target,
    Optional<ObjectNode> body) {

  public static FederationRequest get(Link link, Target target) {
    return of(link, "GET", target, Optional.empty());
  }

  public static FederationRequest put(Link link, Target target, ObjectNode body) {
    return of(link, "PUT", target, Optional.of(body));
  }

  public static FederationRequest post(Link link, Target target, ObjectNode body) {
    return of(link, "POST", target, Optional.of(body));
  }

  public static FederationRequest unsignedGet(ServerName destination, Target target) {
    return new FederationRequest(
        Optional.empty(), destination, "GET", target.toString(), Optional.empty());
  }

  public static FederationRequest unsignedPost(
      ServerName destination, Target target, ObjectNode body) {
    return new FederationRequest(
        Optional.empty(), destination, "POST", target.toString(), Optional.of(body));
  }

  private static FederationRequest of(
      Link link, String method, Target target, Optional<ObjectNode> body) {
    return new FederationRequest(
        Optional.of(link.tenant()), link.destination(), method, target.toString(), body);
  }
}
