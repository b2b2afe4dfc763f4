package org.headrace.core.state;

/** Takes new nodes. The same node may be given again, with the same bytes. */
@FunctionalInterface
public interface NodeSink {
  void node(String hash, byte[] bytes);
}
