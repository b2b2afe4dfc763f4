package org.headrace.federation.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.federation.discovery.DnsSrvLookup;
import org.headrace.federation.discovery.Route;
import org.headrace.federation.discovery.ServerDiscovery;
import org.headrace.federation.net.AddressRange;
import org.headrace.federation.net.BodyReader;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.CheckedAddresses;
import org.headrace.federation.net.Deadline;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;
import org.headrace.federation.net.FederationException.Refusal;
import org.headrace.federation.net.HttpCall;
import org.headrace.federation.net.HttpTarget;
import org.headrace.federation.net.LimitedBody;
import org.headrace.federation.net.PinnedHttp;
import org.headrace.federation.net.ResponseHead;
import org.headrace.federation.net.SystemAddressLookup;

/**
 * Sends requests to other servers: signed by a tenant, to where discovery says, over TLS with a
 * checked certificate, to addresses that the policy allows, within limits of time and size. Calls
 * block and are made for virtual threads; a destination is asked a few things at a time.
 */
public final class FederationClient implements AutoCloseable {
  /** Requests to one destination at a time; more wait within their own limits. */
  public static final int DESTINATION_CALLS_MAX = 16;

  private static final int ERROR_BYTES_MAX = 65_536;
  private static final int HTTPS_PORT = 443;
  private static final int PORT_MAX = 65_535;
  private static final int ADDRESSES_TRIED_MAX = 6;

  private final FederationPolicy.OfTenants policies;
  private final TenantKeys keys;
  private final ServerDiscovery discovery;
  private final CheckedAddresses addresses;
  private final PinnedHttp http;
  private final DestinationSlots slots = new DestinationSlots(DESTINATION_CALLS_MAX);
  private final List<AutoCloseable> owned;

  /**
   * A client of these parts.
   *
   * @param owned what is closed with it
   */
  public FederationClient(
      FederationPolicy.OfTenants policies,
      TenantKeys keys,
      ServerDiscovery discovery,
      CheckedAddresses addresses,
      PinnedHttp http,
      List<AutoCloseable> owned) {
    this.policies = policies;
    this.keys = keys;
    this.discovery = discovery;
    this.addresses = addresses;
    this.http = http;
    this.owned = List.copyOf(owned);
  }

  /** A client with the system's look-ups. Throws {@link IllegalArgumentException} for bad files. */
  public static FederationClient open(
      FederationSettings settings,
      FederationPolicy.OfTenants policies,
      TenantKeys keys,
      InstantSource clock) {
    SystemAddressLookup lookup = new SystemAddressLookup();
    CheckedAddresses addresses = new CheckedAddresses(lookup, settings.addresses());
    PinnedHttp http = PinnedHttp.trusting(settings.caCertificates());
    DnsSrvLookup srv = new DnsSrvLookup(settings.dnsServers());
    ServerDiscovery discovery = new ServerDiscovery(http, addresses, srv, clock);
    return new FederationClient(policies, keys, discovery, addresses, http, List.of(http, lookup));
  }

  /** The JSON object that a server answers with 2xx. */
  public ObjectNode call(FederationRequest request, CallLimits limits) throws FederationException {
    return call(request, limits, FederationClient::object);
  }

  /** What the reader makes of a 2xx answer; any other is thrown as a refusal. */
  public <T> T call(FederationRequest request, CallLimits limits, BodyReader<T> reader)
      throws FederationException {
    Deadline deadline = Deadline.in(limits.total());
    ServerName destination = request.destination();
    Set<List<AddressRange>> refused = refused(request);
    try (var slot = slots.take(destination, deadline)) {
      HttpCall call = signed(request);
      FederationException failure =
          new FederationException(Reason.DENIED, destination + " is not federated with");
      for (List<AddressRange> ranges : refused) {
        try {
          Route route = discovery.route(destination, ranges, deadline);
          CheckedAddresses reachable = addresses.refusing(ranges);
          return send(route, call, reachable, limits, deadline, successOnly(reader));
        } catch (FederationException e) {
          if (e.reason() != Reason.DENIED) {
            throw e;
          }
          failure = e;
        }
      }
      throw failure;
    }
  }

  /**
   * What the reader makes of what a URL holds that another server named to a tenant: over HTTPS,
   * unsigned, from addresses that the policy allows, without a further redirect.
   */
  public <T> T fetch(ServerName tenant, URI url, CallLimits limits, BodyReader<T> reader)
      throws FederationException {
    String host = url.getHost();
    if (!"https".equalsIgnoreCase(url.getScheme()) || host == null || url.getUserInfo() != null) {
      throw new FederationException(Reason.BAD_RESPONSE, "not a URL of https://host");
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    int port = url.getPort() < 0 ? HTTPS_PORT : url.getPort();
    if (port < 1 || port > PORT_MAX) {
      throw new FederationException(Reason.BAD_RESPONSE, "not a port: " + port);
    }
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    Route route = new Route(List.of(new Route.Endpoint(bare, port)), bare, url.getRawAuthority());
    Deadline deadline = Deadline.in(limits.total());
    CheckedAddresses reachable = addresses.refusing(policies.of(tenant).refused());
    return send(route, HttpCall.get(target), reachable, limits, deadline, successOnly(reader));
  }

  /**
   * The addresses that are refused to whom the request may be made for: its tenant, or for what no
   * tenant signs, those that speak to the destination; each may find an address that is not.
   */
  private Set<List<AddressRange>> refused(FederationRequest request) throws FederationException {
    ServerName destination = request.destination();
    if (keys.isHosted(destination)) {
      throw new FederationException(Reason.DENIED, destination + " is hosted here");
    }
    Collection<FederationPolicy> asking =
        request
            .tenant()
            .<Collection<FederationPolicy>>map(tenant -> List.of(policies.of(tenant)))
            .orElseGet(policies::all);
    Set<List<AddressRange>> refused = new LinkedHashSet<>();
    for (FederationPolicy policy : asking) {
      if (policy.allows(destination)) {
        refused.add(policy.refused());
      }
    }
    if (refused.isEmpty()) {
      throw new FederationException(Reason.DENIED, destination + " is not federated with");
    }
    return refused;
  }

  private HttpCall signed(FederationRequest request) throws FederationException {
    try {
      return new HttpCall(
          request.method(),
          request.target(),
          authorization(request),
          request.body().map(Json::bytes));
    } catch (InvalidJsonException | UncheckedIOException e) {
      // A lone surrogate, which no other server could read.
      throw new FederationException(Reason.DENIED, "the request is no JSON that can be signed");
    }
  }

  private Optional<String> authorization(FederationRequest request) {
    return request
        .tenant()
        .map(
            tenant ->
                XMatrix.header(
                    new XMatrix.Signed(
                        request.method(),
                        request.target(),
                        tenant,
                        request.destination(),
                        new XMatrix.Content(request.body().map(body -> body))),
                    keys.current(tenant)));
  }

  private <T> T send(
      Route route,
      HttpCall call,
      CheckedAddresses reachable,
      CallLimits limits,
      Deadline deadline,
      BodyReader<T> reader)
      throws FederationException {
    FederationException failure =
        new FederationException(Reason.UNREACHABLE, "the server has no address");
    int tried = 0;
    for (Route.Endpoint endpoint : route.endpoints()) {
      List<InetAddress> found;
      try {
        found = reachable.of(endpoint.host(), deadline);
      } catch (UnknownHostException e) {
        failure = new FederationException(Reason.UNREACHABLE, "unknown host " + endpoint.host());
        continue;
      } catch (FederationException e) {
        failure = e;
        continue;
      }
      for (InetAddress address : found) {
        if (++tried > ADDRESSES_TRIED_MAX) {
          throw failure;
        }
        try {
          HttpTarget target =
              new HttpTarget(address, endpoint.port(), route.certificateName(), route.hostHeader());
          return http.exchange(target, call, limits, deadline, reader);
        } catch (PinnedHttp.NotConnected e) {
          failure = e.asFailure();
        }
      }
    }
    throw failure;
  }

  private static <T> BodyReader<T> successOnly(BodyReader<T> reader) {
    return (head, body) -> {
      if (!head.isSuccess()) {
        throw FederationException.refused(refusal(head, body));
      }
      return reader.read(head, body);
    };
  }

  private static ObjectNode object(ResponseHead head, LimitedBody body) throws IOException {
    return Json.parseObject(body.readAllBytes());
  }

  private static Refusal refusal(ResponseHead head, LimitedBody body) throws IOException {
    ObjectNode answer = Json.object();
    try {
      answer = Json.parseObject(body.readNBytes(ERROR_BYTES_MAX));
    } catch (InvalidJsonException e) {
      // Some proxy's page; the status says enough.
    }
    return new Refusal(
        head.status(),
        answer.path("errcode").asText("M_UNKNOWN"),
        answer.path("error").asText(""),
        answer);
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : owned) {
      each.close();
    }
  }
}
