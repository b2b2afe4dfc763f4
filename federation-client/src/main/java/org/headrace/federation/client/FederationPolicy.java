package org.headrace.federation.client;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.headrace.core.id.ServerName;
import org.headrace.core.pattern.Glob;
import org.headrace.federation.net.AddressRange;

/**
 * Which servers a tenant speaks to, and is spoken to by. Patterns are globs ({@code *}, {@code ?}),
 * matched against the name as it is and without its port.
 *
 * @param closed whether only the names of {@code allowed} are spoken to
 * @param allowed patterns of names; of no effect unless closed
 * @param denied patterns of names that are not spoken to, whatever else is said
 * @param refused addresses that nothing is sent to for this tenant, besides those of the deployment
 */
public record FederationPolicy(
    boolean closed, List<String> allowed, List<String> denied, List<AddressRange> refused) {
  /** Speaks to everyone. */
  public static final FederationPolicy OPEN =
      new FederationPolicy(false, List.of(), List.of(), List.of());

  /** Speaks to nobody. */
  public static final FederationPolicy NONE =
      new FederationPolicy(true, List.of(), List.of(), List.of());

  /** The policy of each tenant. */
  public interface OfTenants {
    /** That of a tenant; none for a name that is not hosted. */
    Optional<FederationPolicy> find(ServerName tenant);

    /** Those that there are, each once however many tenants have it. */
    Collection<FederationPolicy> all();

    default FederationPolicy of(ServerName tenant) {
      return find(tenant).orElse(NONE);
    }

    /**
     * Whether the tenant has to do with a server: its own policy lets it, and where the server is
     * another tenant, that one's too, as if they were far from each other (design D9).
     */
    default boolean allow(ServerName tenant, ServerName server) {
      return tenant.equals(server)
          || (of(tenant).allows(server)
              && find(server).map(other -> other.allows(tenant)).orElse(true));
    }

    /**
     * Whether the server is hosted too and the tenant has to do with it, so that what it is asked
     * is answered here. What is not is asked of the network, which refuses hosted names.
     */
    default boolean reachesHere(ServerName tenant, ServerName server) {
      return tenant.equals(server) || (find(server).isPresent() && allow(tenant, server));
    }

    /** The same of a tenant that is looked for only where one may deny another. */
    default boolean reachesHere(Supplier<ServerName> tenant, ServerName server) {
      return find(server).isPresent() && (!restrict() || reachesHere(tenant.get(), server));
    }

    /** Whether any policy denies a name. */
    default boolean restrict() {
      return all().stream().anyMatch(policy -> policy.closed() || !policy.denied().isEmpty());
    }
  }

  public FederationPolicy {
    allowed = List.copyOf(allowed);
    denied = List.copyOf(denied);
    refused = List.copyOf(refused);
  }

  public static FederationPolicy onlyWith(String... patterns) {
    return new FederationPolicy(true, List.of(patterns), List.of(), List.of());
  }

  public FederationPolicy without(String... patterns) {
    return new FederationPolicy(closed, allowed, List.of(patterns), refused);
  }

  public FederationPolicy refusing(List<AddressRange> ranges) {
    return new FederationPolicy(closed, allowed, denied, ranges);
  }

  public boolean allows(ServerName server) {
    return !matches(denied, server) && (!closed || matches(allowed, server));
  }

  private static boolean matches(List<String> patterns, ServerName server) {
    String name = server.value();
    int end = name.indexOf(':', Math.max(0, name.indexOf(']')));
    String host = end < 0 ? name : name.substring(0, end);
    return patterns.stream()
        .anyMatch(pattern -> Glob.matches(pattern, name) || Glob.matches(pattern, host));
  }
}
