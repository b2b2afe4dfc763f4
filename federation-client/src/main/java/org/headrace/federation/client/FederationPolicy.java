package org.headrace.federation.client;

import java.util.List;
import org.headrace.core.id.ServerName;
import org.headrace.core.pattern.Glob;

/**
 * Which servers a tenant speaks to, and is spoken to by. Patterns are globs ({@code *}, {@code ?}),
 * matched against the name as it is and without its port.
 *
 * @param closed whether only the names of {@code allowed} are spoken to
 * @param allowed patterns of names; of no effect unless closed
 * @param denied patterns of names that are not spoken to, whatever else is said
 */
public record FederationPolicy(boolean closed, List<String> allowed, List<String> denied) {
  /** Speaks to everyone. */
  public static final FederationPolicy OPEN = new FederationPolicy(false, List.of(), List.of());

  /** Speaks to nobody. */
  public static final FederationPolicy NONE = new FederationPolicy(true, List.of(), List.of());

  /** The policy of each tenant. */
  @FunctionalInterface
  public interface OfTenants {
    FederationPolicy of(ServerName tenant);

    /** For requests that no tenant signs, such as those for keys: what some tenant allows. */
    default FederationPolicy unsigned() {
      return OPEN;
    }
  }

  public FederationPolicy {
    allowed = List.copyOf(allowed);
    denied = List.copyOf(denied);
  }

  public static FederationPolicy onlyWith(String... patterns) {
    return new FederationPolicy(true, List.of(patterns), List.of());
  }

  public FederationPolicy without(String... patterns) {
    return new FederationPolicy(closed, allowed, List.of(patterns));
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
