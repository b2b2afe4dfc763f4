package org.headrace.projections.view;

import org.headrace.projections.fold.ViewWriter;

/** The ports and the write side of one adapter, empty and ready. */
public record OpenViews(ViewWriter writer, ViewPorts ports) {
  RoomsView rooms() {
    return ports.rooms();
  }

  StateView state() {
    return ports.state();
  }

  TimelineView timeline() {
    return ports.timeline();
  }

  AccountsView accounts() {
    return ports.accounts();
  }

  EphemeralView ephemeral() {
    return ports.ephemeral();
  }
}
