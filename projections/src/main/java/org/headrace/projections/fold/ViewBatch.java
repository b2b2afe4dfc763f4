package org.headrace.projections.fold;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;

/** Row changes in order, and the checkpoints that they lead to. */
public final class ViewBatch {
  /** One partition of one topic. */
  public record Source(Topic topic, int partition) {}

  private final List<RowChangeAt> rows = new ArrayList<>();
  private final Map<Source, Checkpoint> checkpoints = new LinkedHashMap<>();

  /** What a record at this position changes. */
  public void addAll(Position position, List<RowChange> changes) {
    for (RowChange change : changes) {
      rows.add(new RowChangeAt(position, change));
    }
  }

  public void addAll(List<RowChangeAt> changes) {
    rows.addAll(changes);
  }

  /** The newest checkpoint of a source counts. */
  public void reach(Topic topic, int partition, Checkpoint checkpoint) {
    checkpoints.put(new Source(topic, partition), checkpoint);
  }

  public List<RowChangeAt> rows() {
    return rows;
  }

  public Map<Source, Checkpoint> checkpoints() {
    return checkpoints;
  }

  public boolean isEmpty() {
    return rows.isEmpty() && checkpoints.isEmpty();
  }
}
