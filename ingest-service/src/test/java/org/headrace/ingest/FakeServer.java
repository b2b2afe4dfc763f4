package org.headrace.ingest;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.id.ServerName;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
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

  final FakeAccounts accounts = new FakeAccounts();
  final FakeRooms rooms = new FakeRooms();

  FakeAccounts accounts() {
    return accounts;
  }

  FakeRooms rooms() {
    return rooms;
  }

  @Produces
  @Singleton
  AccountsView accountsView() {
    return accounts;
  }

  @Produces
  @Singleton
  RoomsView roomsView() {
    return port(RoomsView.class);
  }

  @Produces
  @Singleton
  StateView stateView() {
    return port(StateView.class);
  }

  @Produces
  @Singleton
  TimelineView timelineView() {
    return port(TimelineView.class);
  }

  /** Each bean has one of the fake's ports as its only type. */
  private <T> T port(Class<T> type) {
    return type.cast(rooms);
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
      public Tenant forHost(@Nullable String host) {
        return tenant(CLOSED.value().equals(host) ? CLOSED : ONE);
      }

      private Tenant tenant(ServerName name) {
        return new Tenant(name, List.of(), name.equals(ONE));
      }
    };
  }
}
