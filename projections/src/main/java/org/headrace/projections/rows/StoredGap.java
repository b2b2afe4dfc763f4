package org.headrace.projections.rows;

import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.projections.view.RoomsView;

/** A gap that is open; places as {@code RoomsView.Gap} has them. */
public record StoredGap(List<EventId> frontier, long ceiling, long floor, boolean asked) {
  public RoomsView.Gap gap(EventId id) {
    return new RoomsView.Gap(id, frontier, ceiling, floor, asked);
  }
}
