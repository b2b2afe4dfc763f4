package org.headrace.http;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.headrace.core.id.ServerName;
import org.headrace.federation.client.XMatrix;
import org.headrace.federation.signatures.Authentication;
import org.headrace.federation.signatures.RequestAuthenticator;
import org.headrace.federation.signatures.RequestAuthenticator.Inbound;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * Which server makes the current request (server-server API, "Request Authentication"). It is
 * answered as the tenant that the request names, and knows what that tenant knows (design D9).
 */
@ApplicationScoped
public class Peers {
  @Inject RequestAuthenticator authenticator;
  @Inject CurrentVertxRequest current;
  @Inject Tenants tenants;
  @Inject PeerLimits limits;
  @Inject RequestPlaces places;
  @Inject ClientAddress address;

  /** An authentic request with its body. */
  public record Request(Peer peer, JsonBody body) {}

  /**
   * Of a request without a body; throws M_UNAUTHORIZED (401), M_FORBIDDEN, or M_LIMIT_EXCEEDED
   * where the server makes too many ({@link PeerLimits}).
   */
  public Peer require() {
    Inbound inbound = inbound();
    try (Places.Place place = claim(inbound)) {
      return served(authenticator.authenticate(inbound, XMatrix.Content.NONE));
    }
  }

  /**
   * Policy and limits are asked before the body is parsed; throws as {@link #require()}, or for bad
   * JSON.
   */
  public Request require(byte @Nullable [] bytes) {
    Inbound inbound = inbound();
    try (Places.Place place = claim(inbound)) {
      JsonBody body = JsonBody.parse(bytes);
      XMatrix.Content content = XMatrix.Content.of(body.json());
      return new Request(served(authenticator.authenticate(inbound, content)), body);
    }
  }

  private Places.Place claim(Inbound inbound) {
    return limits.claim(accepted(authenticator.claim(inbound)).origin(), address.key());
  }

  private Peer served(Authentication authentication) {
    Peer peer = accepted(authentication);
    places.hold(limits.serve(peer.origin()));
    return peer;
  }

  private static Peer accepted(Authentication authentication) {
    return switch (authentication) {
      case Authentication.Accepted(ServerName origin, ServerName tenant) ->
          new Peer(origin, tenant);
      case Authentication.Refused refused ->
          throw new MatrixError(refused.status(), refused.errcode(), refused.message());
    };
  }

  private Inbound inbound() {
    HttpServerRequest request = current.getCurrent().request();
    return new Inbound(
        request.method().name(),
        request.uri(),
        request.headers().getAll("Authorization"),
        Optional.of(tenants.forHost(request.getHeader("Host")).name()));
  }
}
