package org.headrace.benchmarks.rooms;

import java.util.HashMap;
import java.util.Map;
import org.headrace.core.state.StateTree;

/** A state tree in memory that counts what is written to it. */
final class MemoryTree {
  private final Map<String, byte[]> nodes = new HashMap<>();
  final StateTree tree = new StateTree(nodes::get);
  long writtenNodes;
  long writtenBytes;

  void write(String hash, byte[] node) {
    writtenNodes++;
    writtenBytes += node.length;
    nodes.put(hash, node);
  }
}
