package org.headrace.projections.cassandra;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes that may reach Cassandra in any order: of several to the same cells the newest is kept.
 * Those of one partition go together.
 */
final class WriteSet {
  private static final int TOGETHER_MAX = 50;

  /** Far below what Cassandra warns of, 5 KiB being its default for the least thing. */
  private static final int TOGETHER_BYTES_MAX = 16 << 10;

  private static final int VALUE_BYTES = 16;

  /** A statement with its values. */
  record Write(String statement, List<Object> values) {
    int bytes() {
      int bytes = 0;
      for (Object value : values) {
        bytes +=
            VALUE_BYTES
                + switch (value) {
                  case String text -> text.length();
                  case ByteBuffer buffer -> buffer.remaining();
                  default -> 0;
                };
      }
      return bytes;
    }
  }

  private record Cell(String statement, List<Object> key) {}

  private record Partition(String table, List<Object> key) {}

  private record Pending(Partition partition, long timestamp, Write write) {}

  private final Map<Cell, Pending> writes = new LinkedHashMap<>();

  void put(Put put, long timestamp, Object... values) {
    List<Object> given = new ArrayList<>(Arrays.asList(values));
    given.add(timestamp);
    add(put, put.insert(), timestamp, values, given);
  }

  void delete(Put put, long timestamp, Object... key) {
    add(put, put.delete(), timestamp, key, deletion(timestamp, key));
  }

  void deleteCells(Put put, long timestamp, Object... key) {
    add(put, put.deleteCells(), timestamp, key, deletion(timestamp, key));
  }

  private static List<Object> deletion(long timestamp, Object[] key) {
    List<Object> given = new ArrayList<>();
    given.add(timestamp);
    given.addAll(Arrays.asList(key));
    return given;
  }

  private void add(Put put, String statement, long timestamp, Object[] values, List<Object> given) {
    Cell cell = new Cell(statement, List.of(values).subList(0, put.keys()));
    Pending pending = new Pending(partition(put, values), timestamp, new Write(statement, given));
    writes.merge(cell, pending, (old, now) -> old.timestamp() > now.timestamp() ? old : now);
  }

  private static Partition partition(Put put, Object[] values) {
    return new Partition(put.table(), List.of(values).subList(0, put.partitionKeys()));
  }

  boolean isEmpty() {
    return writes.isEmpty();
  }

  /** The writes, in groups of one partition each, of bounded size. */
  Collection<List<Write>> groups() {
    Map<Partition, List<Write>> open = new LinkedHashMap<>();
    Map<Partition, Integer> bytes = new LinkedHashMap<>();
    List<List<Write>> groups = new ArrayList<>();
    for (Pending pending : writes.values()) {
      Partition partition = pending.partition();
      List<Write> group = open.computeIfAbsent(partition, p -> new ArrayList<>());
      int size = pending.write().bytes();
      int before = bytes.getOrDefault(partition, 0);
      if (!group.isEmpty()
          && (group.size() >= TOGETHER_MAX || before + size > TOGETHER_BYTES_MAX)) {
        groups.add(group);
        group = new ArrayList<>();
        open.put(partition, group);
        before = 0;
      }
      group.add(pending.write());
      bytes.put(partition, before + size);
    }
    groups.addAll(open.values());
    return groups;
  }
}
