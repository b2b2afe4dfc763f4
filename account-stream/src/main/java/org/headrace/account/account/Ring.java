package org.headrace.account.account;

import org.headrace.schema.log.LogJson;
import org.headrace.topology.machine.State;

/** The newest ids of a kind: a set that forgets its oldest beyond a limit. Kept in cells. */
final class Ring {
  /** Sequence numbers of the oldest id that is kept, and of the next. */
  private record Bounds(long oldest, long next) {}

  private final State state;
  private final String prefix;
  private final int idsMax;

  Ring(State state, String name, int idsMax) {
    this.state = state;
    this.prefix = "ring|" + name + "|";
    this.idsMax = idsMax;
  }

  boolean contains(String id) {
    return state.cell(idCell(id)) != null;
  }

  void add(String id) {
    if (contains(id)) {
      return;
    }
    Bounds bounds = bounds();
    state.putCell(idCell(id), Cells.PRESENT);
    state.putCell(seqCell(bounds.next), LogJson.encode(id));
    long oldest = bounds.oldest;
    if (bounds.next - oldest >= idsMax) {
      byte[] bytes = state.cell(seqCell(oldest));
      if (bytes != null) {
        state.deleteCell(idCell(LogJson.decode(bytes, String.class)));
        state.deleteCell(seqCell(oldest));
      }
      oldest++;
    }
    state.putCell(prefix + "bounds", LogJson.encode(new Bounds(oldest, bounds.next + 1)));
  }

  void clear() {
    for (String cell : state.cells(prefix, 2 * idsMax + 1).keySet()) {
      state.deleteCell(cell);
    }
  }

  private Bounds bounds() {
    byte[] bytes = state.cell(prefix + "bounds");
    return bytes == null ? new Bounds(0, 0) : LogJson.decode(bytes, Bounds.class);
  }

  private String idCell(String id) {
    return prefix + "id|" + id;
  }

  private String seqCell(long seq) {
    return prefix + "seq|" + seq;
  }
}
