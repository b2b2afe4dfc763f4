package org.headrace.ingest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.id.ServerName;
import org.headrace.federation.Federation;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.client.FederationClient;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.FederationSettings;
import org.headrace.federation.client.TenantKeys;
import org.headrace.federation.client.TenantPolicies;
import org.headrace.federation.fixture.Neighbour;
import org.headrace.federation.fixture.NeighbourServer;
import org.headrace.federation.fixture.TestAuthority;
import org.headrace.federation.keys.InMemoryServerKeyStore;
import org.headrace.federation.keys.ServerKeys;
import org.headrace.federation.net.AddressPolicy;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.federation.signatures.PduSignatures;
import org.headrace.federation.signatures.RequestAuthenticator;
import org.headrace.http.RecentSessions;
import org.headrace.media.FolderMediaStore;
import org.headrace.media.MediaStore;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.projections.view.ViewsUnavailableException;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/**
 * What the standalone process gives to ingest: views, and two tenants, one with open registration.
 */
@ApplicationScoped
public class FakeServer {
  static final ServerName ONE = new ServerName("one.test");
  static final ServerName CLOSED = new ServerName("closed.test");

  /** Hears of all that ends a session, while a test lets it. */
  final RecentSessions sessions = new RecentSessions(System::nanoTime);

  private volatile boolean away;
  private volatile String awayMethod = "";

  final FakeAccounts accounts = new FakeAccounts();
  final FakeRooms rooms = new FakeRooms();

  FakeAccounts accounts() {
    return accounts;
  }

  RecentSessions sessions() {
    return sessions;
  }

  /** Whether reading any view fails from now on. */
  void viewsAway(boolean are) {
    away = are;
  }

  /** Of which method reading fails from now on: views may go, and come back, at any moment. */
  void viewAway(String method) {
    awayMethod = method;
  }

  FakeRooms rooms() {
    return rooms;
  }

  @Produces
  @Singleton
  AccountsView accountsView() {
    return port(AccountsView.class, accounts);
  }

  @Produces
  @Singleton
  RecentSessions recentSessions() {
    return sessions;
  }

  @Produces
  @Singleton
  EphemeralView ephemeralView(FakeCommandLog log) {
    return port(EphemeralView.class, new FakeEphemeral(log));
  }

  @Produces
  @Singleton
  Partitions partitions() {
    return new Partitions(1, 1);
  }

  @Produces
  @Singleton
  MediaStore mediaStore() throws IOException {
    return new FolderMediaStore(Files.createTempDirectory("media"));
  }

  @Produces
  @Singleton
  RoomsView roomsView() {
    return port(RoomsView.class, rooms);
  }

  @Produces
  @Singleton
  StateView stateView() {
    return port(StateView.class, rooms);
  }

  @Produces
  @Singleton
  TimelineView timelineView() {
    return port(TimelineView.class, rooms);
  }

  /** Each bean has one of the fakes' ports as its only type. */
  private <T> T port(Class<T> type, Object fake) {
    return type.cast(
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (away || method.getName().equals(awayMethod)) {
                throw new ViewsUnavailableException("away", null);
              }
              try {
                return method.invoke(fake, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /** Its keys are known to everyone; of others, those of {@link Neighbour} are. */
  static final SigningKey KEY = SigningKey.fromSeed("ed25519:h", new byte[32]);

  /** Of the tenant that is a policy server. */
  static final SigningKey POLICY_KEY =
      SigningKey.fromSeed(
          PolicyServer.KEY_ID,
          new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
            25, 26, 27, 28, 29, 30, 31, 32
          });

  /** Signs certificates of servers on loopback addresses. */
  static final TestAuthority AUTHORITY = new TestAuthority("Ingest tests");

  /** A server that is trusted, and shows our events as we signed them. */
  static NeighbourServer neighbour(int seed) {
    return new NeighbourServer(AUTHORITY, seed).knowing(ONE, KEY);
  }

  private final TenantKeys ownKeys =
      new TenantKeys() {
        @Override
        public boolean isHosted(ServerName name) {
          return Set.of(ONE, CLOSED).contains(name);
        }

        @Override
        public SigningKey current(ServerName tenant) {
          return KEY;
        }

        @Override
        public List<OldKey> old(ServerName tenant) {
          return List.of();
        }

        @Override
        public Optional<SigningKey> policy(ServerName tenant) {
          return tenant.equals(policyServer) ? Optional.of(POLICY_KEY) : Optional.empty();
        }
      };

  private volatile @Nullable ServerName policyServer;

  /** Which tenant is a policy server; null: none. */
  void policyServer(@Nullable ServerName tenant) {
    policyServer = tenant;
  }

  private final InMemoryServerKeyStore keys = new InMemoryServerKeyStore();

  private volatile FederationPolicy.OfTenants policies =
      new TenantPolicies(Map.of(ONE, FederationPolicy.OPEN, CLOSED, FederationPolicy.OPEN));

  private final FederationPolicy.OfTenants current =
      new FederationPolicy.OfTenants() {
        @Override
        public Optional<FederationPolicy> find(ServerName tenant) {
          return policies.find(tenant);
        }

        @Override
        public Collection<FederationPolicy> all() {
          return policies.all();
        }
      };

  private final Federation federation =
      Federation.open(
          FederationSettings.DEFAULT
              .withAddresses(AddressPolicy.publicOnly().opening("127.0.0.0/8"))
              .withCaCertificates(List.of(pem())),
          current,
          ownKeys,
          keys,
          InstantSource.system());

  private static Path pem() {
    try {
      Path file = Files.createTempFile("authority", ".pem");
      file.toFile().deleteOnExit();
      return AUTHORITY.writePem(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whom the tenants speak with. */
  void speakWith(FederationPolicy ofBoth) {
    speakWith(ofBoth, ofBoth);
  }

  /** Whom each tenant speaks with. */
  void speakWith(FederationPolicy ofOne, FederationPolicy ofClosed) {
    policies = new TenantPolicies(Map.of(ONE, ofOne, CLOSED, ofClosed));
  }

  /** Whom one tenant speaks with, and the other as before. */
  void speakWith(ServerName tenant, FederationPolicy its) {
    speakWith(
        tenant.equals(ONE) ? its : policies.find(ONE).orElseThrow(),
        tenant.equals(CLOSED) ? its : policies.find(CLOSED).orElseThrow());
  }

  void know(Neighbour remote) {
    keys.save(remote.name(), remote.knownKeys());
  }

  @Produces
  @Singleton
  TenantKeys tenantKeys() {
    return ownKeys;
  }

  @Produces
  @Singleton
  FederationPolicy.OfTenants policies() {
    return current;
  }

  @Produces
  @Singleton
  FederationClient client() {
    return federation.client();
  }

  @Produces
  @Singleton
  FederationCalls calls() {
    return federation.calls();
  }

  @Produces
  @Singleton
  ServerKeys serverKeys() {
    return federation.keys();
  }

  @Produces
  @Singleton
  RequestAuthenticator authenticator() {
    return federation.authenticator();
  }

  @Produces
  @Singleton
  PduSignatures pduSignatures() {
    return federation.pduSignatures();
  }

  @Produces
  @Singleton
  LocalSignatures localSignatures() {
    return federation.localSignatures();
  }

  @Produces
  @Singleton
  Tenants tenants() {
    return new Tenants() {
      @Override
      public Optional<Tenant> find(ServerName name) {
        return Set.of(ONE, CLOSED).contains(name) ? Optional.of(tenant(name)) : Optional.empty();
      }

      @Override
      public boolean isAlone(ServerName name) {
        return false;
      }

      @Override
      public Tenant forHost(@Nullable String host) {
        return tenant(CLOSED.value().equals(host) ? CLOSED : ONE);
      }

      private Tenant tenant(ServerName name) {
        return new Tenant(name, List.of(), name.equals(ONE));
      }
    };
  }
}
