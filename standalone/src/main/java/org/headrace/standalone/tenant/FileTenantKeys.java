package org.headrace.standalone.tenant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.client.TenantPolicies;

/**
 * The keys of the tenants of {@link TenantFile}, in memory, and whom each federates with. Looks at
 * the file's time once a second at most, so that new tenants and keys reach a running server. Safe
 * for use by many threads.
 */
public final class FileTenantKeys implements TenantKeys, FederationPolicy.OfTenants {
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000L;

  private record Keys(SigningKey current, List<OldKey> old, Optional<SigningKey> policy) {}

  private record Known(
      Map<ServerName, Keys> tenants,
      TenantPolicies policies,
      FileTime modified,
      long lookedNanos) {}

  private final TenantFile file;
  private final FederationPolicy otherwise;
  private final LongSupplier nowNanos;
  private volatile Known known;

  /**
   * @param otherwise whom a tenant speaks to of which the file does not say it
   * @param nowNanos a clock that never goes back, in nanoseconds
   */
  public FileTenantKeys(TenantFile file, FederationPolicy otherwise, LongSupplier nowNanos)
      throws IOException {
    this.file = file;
    this.otherwise = otherwise;
    this.nowNanos = nowNanos;
    this.known = load();
  }

  @Override
  public boolean isHosted(ServerName name) {
    return current().tenants().containsKey(name);
  }

  @Override
  public SigningKey current(ServerName tenant) {
    Keys keys = current().tenants().get(tenant);
    if (keys == null) {
      throw new IllegalArgumentException(tenant + " is not hosted here");
    }
    return keys.current();
  }

  @Override
  public List<OldKey> old(ServerName tenant) {
    Keys keys = current().tenants().get(tenant);
    return keys == null ? List.of() : keys.old();
  }

  @Override
  public Optional<SigningKey> policy(ServerName tenant) {
    Keys keys = current().tenants().get(tenant);
    return keys == null ? Optional.empty() : keys.policy();
  }

  @Override
  public Optional<FederationPolicy> find(ServerName tenant) {
    return current().policies().find(tenant);
  }

  @Override
  public Collection<FederationPolicy> all() {
    return current().policies().all();
  }

  private Known current() {
    Known now = known;
    if (nowNanos.getAsLong() - now.lookedNanos() < LOOK_AGAIN_NANOS) {
      return now;
    }
    try {
      if (Files.getLastModifiedTime(file.path()).equals(now.modified())) {
        known = new Known(now.tenants(), now.policies(), now.modified(), nowNanos.getAsLong());
      } else {
        known = load();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return known;
  }

  private Known load() throws IOException {
    // The time first: a change in between is seen at the next look.
    FileTime modified = Files.getLastModifiedTime(file.path());
    Map<ServerName, Keys> tenants = new LinkedHashMap<>();
    Map<ServerName, FederationPolicy> policies = new LinkedHashMap<>();
    for (Map.Entry<ServerName, TenantFile.Entry> tenant : file.entries().entrySet()) {
      tenants.put(tenant.getKey(), keys(tenant.getValue()));
      FederationPolicy policy = tenant.getValue().policy();
      policies.put(tenant.getKey(), policy == null ? otherwise : policy);
    }
    return new Known(tenants, new TenantPolicies(policies), modified, nowNanos.getAsLong());
  }

  private Keys keys(TenantFile.Entry entry) throws IOException {
    List<String> ids = entry.keyIds();
    List<OldKey> old = new ArrayList<>();
    for (String id : ids.subList(1, ids.size())) {
      long expired = entry.expired().getOrDefault(id, 0L);
      old.add(new OldKey(id, file.key(id).publicKeyBase64(), expired));
    }
    return new Keys(file.key(ids.getFirst()), List.copyOf(old), file.policyKey(entry));
  }
}
