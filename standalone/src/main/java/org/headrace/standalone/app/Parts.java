package org.headrace.standalone.app;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** What was started, stopped in the reverse order. */
final class Parts implements AutoCloseable {
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Consumer<String> alarm;

  Parts(Consumer<String> alarm) {
    this.alarm = alarm;
  }

  synchronized <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }

  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        alarm.accept("while stopping " + part.getClass().getSimpleName() + ": " + e);
      }
    }
  }
}
