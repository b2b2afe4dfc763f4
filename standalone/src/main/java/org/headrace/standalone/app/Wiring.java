package org.headrace.standalone.app;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.headrace.http.RecentSessions;
import org.headrace.log.publish.CommandLog;
import org.headrace.log.ticks.TracedNews;
import org.headrace.log.ticks.Wakeups;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EphemeralView;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.ShownKeys;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.tenant.Tenants;

/** Gives the services' Resources their ports, from the parts that run in this process. */
@ApplicationScoped
public class Wiring {
  @Produces
  @Singleton
  Tenants tenants() {
    return Node.current().tenants();
  }

  @Produces
  @Singleton
  Partitions partitions() {
    return Node.current().pipeline().partitions();
  }

  @Produces
  @Singleton
  CommandLog commandLog() {
    return Node.current().pipeline().commandLog();
  }

  @Produces
  @Singleton
  RecentSessions recentSessions() {
    return Node.current().pipeline().recentSessions();
  }

  @Produces
  @Singleton
  Wakeups wakeups() {
    return Node.current().pipeline().wakeups();
  }

  @Produces
  @Singleton
  TracedNews tracedNews() {
    return Node.current().pipeline().tracedNews();
  }

  @Produces
  @Singleton
  RoomsView rooms() {
    return Node.current().pipeline().views().rooms();
  }

  @Produces
  @Singleton
  StateView state() {
    return Node.current().pipeline().views().state();
  }

  @Produces
  @Singleton
  TimelineView timeline() {
    return Node.current().pipeline().views().timeline();
  }

  @Produces
  @Singleton
  AccountsView accounts() {
    return Node.current().pipeline().views().accounts();
  }

  @Produces
  @Singleton
  ShownKeys shownKeys() {
    return new ShownKeys(accounts());
  }

  @Produces
  @Singleton
  EphemeralView ephemeral() {
    return Node.current().pipeline().views().ephemeral();
  }
}
