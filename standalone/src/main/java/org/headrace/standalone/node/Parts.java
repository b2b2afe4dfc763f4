package org.headrace.standalone.node;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicReference;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.tenant.Tenants;
import org.jspecify.annotations.Nullable;

/** Gives the Resources the ports they inject, from the node that was started before HTTP. */
@ApplicationScoped
public class Parts {
  private record Started(Node node, Tenants tenants) {}

  private static final AtomicReference<@Nullable Started> STARTED = new AtomicReference<>();

  /** Called once, before Quarkus runs. */
  public static void provide(Node node, Tenants tenants) {
    STARTED.set(new Started(node, tenants));
  }

  private static Started started() {
    Started started = STARTED.get();
    if (started == null) {
      throw new IllegalStateException("HTTP was started before the node");
    }
    return started;
  }

  @Produces
  @Singleton
  Tenants tenants() {
    return started().tenants();
  }

  @Produces
  @Singleton
  CommandLog commands() {
    return started().node().commands();
  }

  @Produces
  @Singleton
  Wakeups wakeups() {
    return started().node().wakeups();
  }

  @Produces
  @Singleton
  Partitions partitions() {
    return started().node().partitions();
  }

  @Produces
  @Singleton
  RoomsView rooms() {
    return started().node().views().rooms();
  }

  @Produces
  @Singleton
  StateView state() {
    return started().node().views().state();
  }

  @Produces
  @Singleton
  TimelineView timeline() {
    return started().node().views().timeline();
  }

  @Produces
  @Singleton
  AccountsView accounts() {
    return started().node().views().accounts();
  }

  @Produces
  @Singleton
  EphemeralView ephemeral() {
    return started().node().views().ephemeral();
  }
}
