package org.headrace.http;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.federation.Federation;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.FederationSettings;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.client.TenantPolicies;
import org.headrace.federation.keys.InMemoryServerKeyStore;
import org.headrace.federation.signatures.RequestAuthenticator;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.RoomsView;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/** What {@link Caller} reads: one session, and two tenants. */
@ApplicationScoped
public class ViewFakes {
  static final String TOKEN = "hrt_known";

  @Produces
  @ApplicationScoped
  AccountsView accounts() {
    return (AccountsView)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {AccountsView.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("session")) {
                throw new UnsupportedOperationException(method.getName());
              }
              return AccessTokens.hash(TOKEN).equals(arguments[0])
                  ? Optional.of(
                      new AccountsView.Session(new UserId("@a:one.test"), new DeviceId("D")))
                  : Optional.empty();
            });
  }

  @Produces
  @Singleton
  TenantKeys keys() {
    return new TenantKeys() {
      @Override
      public boolean isHosted(ServerName name) {
        return false;
      }

      @Override
      public SigningKey current(ServerName tenant) {
        throw new IllegalArgumentException(tenant + " is not hosted here");
      }

      @Override
      public List<OldKey> old(ServerName tenant) {
        return List.of();
      }
    };
  }

  @Produces
  @Singleton
  FederationPolicy.OfTenants policies() {
    return new TenantPolicies(Map.of());
  }

  /** Rooms are nobody's business here. */
  @Produces
  @Singleton
  RoomsView rooms() {
    return (RoomsView)
        Proxy.newProxyInstance(
            ViewFakes.class.getClassLoader(),
            new Class<?>[] {RoomsView.class},
            (proxy, method, arguments) -> {
              throw new UnsupportedOperationException(method.getName());
            });
  }

  /** What {@link Peers} asks: a server without tenants, to which nobody can speak. */
  @Produces
  @Singleton
  RequestAuthenticator authenticator(TenantKeys keys, FederationPolicy.OfTenants policies) {
    return Federation.open(
            FederationSettings.DEFAULT,
            policies,
            keys,
            new InMemoryServerKeyStore(),
            InstantSource.system())
        .authenticator();
  }

  @Produces
  @ApplicationScoped
  Tenants tenants() {
    return new Tenants() {
      @Override
      public Optional<Tenant> find(ServerName name) {
        return Optional.of(new Tenant(name, List.of(), true));
      }

      @Override
      public boolean isAlone(ServerName name) {
        return false;
      }

      @Override
      public Tenant forHost(@Nullable String host) {
        return new Tenant(
            new ServerName("two.test".equals(host) ? "two.test" : "one.test"), List.of(), true);
      }
    };
  }
}
