package org.headrace.projections.view;

/** All view ports of one store (design D10): what a process that reads views opens once. */
public interface ViewPorts extends AutoCloseable {
  RoomsView rooms();

  StateView state();

  TimelineView timeline();

  AccountsView accounts();

  EphemeralView ephemeral();

  @Override
  void close();
}
