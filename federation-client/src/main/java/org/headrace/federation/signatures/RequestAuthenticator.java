package org.headrace.federation.signatures;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.client.XMatrix;
import org.headrace.federation.keys.KeyNeed;
import org.headrace.federation.keys.ServerKeys;
import org.headrace.federation.keys.VerifyKey;
import org.headrace.federation.signatures.Authentication.Accepted;
import org.headrace.federation.signatures.Authentication.Cause;
import org.headrace.federation.signatures.Authentication.Refused;

/**
 * Tells who signed an inbound request, and for which tenant (server-server API, "Request
 * Authentication"). {@link #claim} reads headers alone and comes before the body is parsed; {@link
 * #authenticate} may wait for the origin's keys.
 */
public final class RequestAuthenticator {
  /** Headers of one request that are looked at: one for each key that signed. */
  static final int HEADERS_MAX = 5;

  private final TenantKeys tenants;
  private final FederationPolicy.OfTenants policies;
  private final ServerKeys keys;
  private final InstantSource clock;

  /**
   * A request as it came.
   *
   * @param uri path and query, exactly as received
   * @param authorization all values of the header {@code Authorization}
   * @param host the server that the {@code Host} header names, if it is a server name
   */
  public record Inbound(
      String method, String uri, List<String> authorization, Optional<ServerName> host) {}

  private record Claim(ServerName origin, ServerName tenant, List<XMatrix> headers) {}

  /** A claim, or why it is refused. */
  private record Read(Optional<Claim> claim, Optional<Refused> refused) {
    static Read refuse(Cause cause, String message) {
      return new Read(Optional.empty(), Optional.of(new Refused(cause, message)));
    }
  }

  public RequestAuthenticator(
      TenantKeys tenants,
      FederationPolicy.OfTenants policies,
      ServerKeys keys,
      InstantSource clock) {
    this.tenants = tenants;
    this.policies = policies;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * Who the request says that it is from and for, by its headers alone: refused if it has none that
   * can be read, is for nobody here, or from a server that the tenant does not federate with.
   */
  public Authentication claim(Inbound request) {
    Read read = read(request);
    return read.claim()
        .<Authentication>map(claim -> new Accepted(claim.origin(), claim.tenant()))
        .orElseGet(() -> read.refused().orElseThrow());
  }

  /** Whether the claim is true. */
  public Authentication authenticate(Inbound request, XMatrix.Content content) {
    Read read = read(request);
    if (read.claim().isEmpty()) {
      return read.refused().orElseThrow();
    }
    Claim claim = read.claim().get();
    XMatrix.Signed signed =
        new XMatrix.Signed(
            request.method(), request.uri(), claim.origin(), claim.tenant(), content);
    boolean keyKnown = false;
    for (XMatrix header : claim.headers()) {
      Optional<VerifyKey> key = key(claim.origin(), header.keyId());
      if (key.isPresent()) {
        keyKnown = true;
        if (header.signs(signed, key.get().bytes())) {
          return new Accepted(claim.origin(), claim.tenant());
        }
      }
    }
    return keyKnown
        ? new Refused(Cause.BAD_SIGNATURE, "The signature is not one of this request")
        : new Refused(Cause.KEY_UNKNOWN, "No valid key of " + claim.origin() + " could be found");
  }

  private Optional<VerifyKey> key(ServerName origin, String keyId) {
    if (!VerifyKey.isKeyId(keyId)) {
      return Optional.empty();
    }
    long now = clock.millis();
    // Old keys are for events alone.
    return keys.of(origin, KeyNeed.of(keyId, now, true))
        .find(keyId, now, true)
        .filter(key -> !key.expired());
  }

  private Read read(Inbound request) {
    List<XMatrix> headers = new ArrayList<>();
    try {
      for (String value : request.authorization()) {
        if (XMatrix.isOne(value)) {
          headers.add(XMatrix.parse(value));
        }
        if (headers.size() > HEADERS_MAX) {
          return Read.refuse(Cause.MALFORMED, "There are too many Authorization headers");
        }
      }
    } catch (InvalidJsonException e) {
      return Read.refuse(Cause.MALFORMED, String.valueOf(e.getMessage()));
    }
    if (headers.isEmpty()) {
      return Read.refuse(Cause.MISSING, "An X-Matrix Authorization header is needed");
    }
    XMatrix first = headers.get(0);
    for (XMatrix header : headers) {
      if (!header.origin().equals(first.origin())
          || !header.destination().equals(first.destination())) {
        return Read.refuse(Cause.MALFORMED, "The Authorization headers contradict each other");
      }
    }
    return claim(first.origin(), first.destination().or(request::host), headers);
  }

  private Read claim(ServerName origin, Optional<ServerName> tenant, List<XMatrix> headers) {
    if (tenant.isEmpty() || !tenants.isHosted(tenant.get())) {
      return Read.refuse(Cause.WRONG_DESTINATION, "This is not the server that is meant");
    }
    if (tenants.isHosted(origin) || !policies.of(tenant.get()).allows(origin)) {
      return Read.refuse(Cause.DENIED, "This server does not federate with " + origin);
    }
    return new Read(Optional.of(new Claim(origin, tenant.get(), headers)), Optional.empty());
  }
}
