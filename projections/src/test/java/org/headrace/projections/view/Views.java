package org.headrace.projections.view;

import org.headrace.projections.fold.ViewWriter;

/** The ports and the write side of one adapter, empty and ready. */
public record Views(
    ViewWriter writer,
    RoomsView rooms,
    StateView state,
    TimelineView timeline,
    AccountsView accounts,
    EphemeralView ephemeral) {}
