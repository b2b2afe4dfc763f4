package org.headrace.standalone.tenant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * The tenants of {@link TenantFile}. Looks at the file's time once a second at most, so that {@code
 * tenant add} reaches a running server. Safe for use by many threads.
 */
public final class FileTenants implements Tenants {
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000L;

  private record Known(Map<ServerName, Tenant> tenants, FileTime modified, long lookedNanos) {}

  private final TenantFile file;
  private final boolean openRegistration;
  private final ServerName preferred;
  private final LongSupplier nowNanos;
  private volatile Known known;

  /**
   * @param preferred the tenant of requests that name no other; it must be hosted
   * @param nowNanos a clock that never goes back, in nanoseconds
   */
  public FileTenants(
      TenantFile file, ServerName preferred, boolean openRegistration, LongSupplier nowNanos)
      throws IOException {
    this.file = file;
    this.openRegistration = openRegistration;
    this.preferred = preferred;
    this.nowNanos = nowNanos;
    this.known = load();
    if (!known.tenants().containsKey(preferred)) {
      throw new IllegalArgumentException(preferred.value() + " is not hosted here");
    }
  }

  @Override
  public Optional<Tenant> find(ServerName name) {
    return Optional.ofNullable(current().get(name));
  }

  @Override
  public boolean isAlone(ServerName name) {
    return current().keySet().equals(Set.of(name));
  }

  @Override
  public Tenant forHost(@Nullable String hostHeader) {
    Map<ServerName, Tenant> tenants = current();
    Tenant otherwise = tenants.get(preferred);
    if (otherwise == null) {
      throw new IllegalStateException(preferred.value() + " is no longer in tenants.json");
    }
    if (hostHeader == null) {
      return otherwise;
    }
    try {
      ServerName named = new ServerName(hostHeader);
      Tenant exact = tenants.get(named);
      if (exact != null) {
        return exact;
      }
      Tenant portless = tenants.get(new ServerName(withoutPort(hostHeader)));
      return portless == null ? otherwise : portless;
    } catch (InvalidIdException e) {
      return otherwise;
    }
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, Math.max(0, colon)) : host;
  }

  private Map<ServerName, Tenant> current() {
    Known now = known;
    if (nowNanos.getAsLong() - now.lookedNanos() < LOOK_AGAIN_NANOS) {
      return now.tenants();
    }
    try {
      if (Files.getLastModifiedTime(file.path()).equals(now.modified())) {
        known = new Known(now.tenants(), now.modified(), nowNanos.getAsLong());
      } else {
        known = load();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return known.tenants();
  }

  private Known load() throws IOException {
    // The time first: a change in between is seen at the next look.
    FileTime modified = Files.getLastModifiedTime(file.path());
    Map<ServerName, Tenant> tenants = new LinkedHashMap<>();
    file.read()
        .forEach((name, keys) -> tenants.put(name, new Tenant(name, keys, openRegistration)));
    return new Known(tenants, modified, nowNanos.getAsLong());
  }
}
