package org.headrace.ingest.effects;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Work by whom it is asked of and in which room, so that neither a slow server nor a busy room
 * keeps the others waiting: each server has a queue of its own with a few workers, which do one
 * thing of a room at a time. Safe for many threads.
 */
final class EffectQueues {
  /** Effects that are worked on at once, all servers together. */
  static final int RUNNING_MAX = 256;

  /** Effects of one server that are worked on at once. */
  static final int RUNNING_PER_SERVER_MAX = 4;

  /** Effects of one server that wait; more are given up. */
  static final int WAITING_PER_SERVER_MAX = 1_000;

  /** An effect's work; of those with equal server and room one runs at a time. */
  record Task(String server, String room, Runnable work) {
    String key() {
      return server + "|" + room;
    }
  }

  private final Map<String, Queue<Task>> waiting = new LinkedHashMap<>();
  private final Map<String, Integer> ofServer = new HashMap<>();
  private final Set<String> inRoom = new HashSet<>();
  private int running;

  /** Starts the task now or when its turn comes; false if too many of its server wait. */
  boolean offer(Task task) {
    synchronized (this) {
      Queue<Task> queue = waiting.computeIfAbsent(task.server(), server -> new ArrayDeque<>());
      if (queue.size() >= WAITING_PER_SERVER_MAX) {
        return false;
      }
      queue.add(task);
    }
    startMore();
    return true;
  }

  private void startMore() {
    for (Task next = next(); next != null; next = next()) {
      Task task = next;
      Thread.ofVirtual().name("effect").start(() -> run(task));
    }
  }

  private void run(Task task) {
    try {
      task.work().run();
    } finally {
      synchronized (this) {
        running--;
        ofServer.computeIfPresent(task.server(), (s, count) -> count == 1 ? null : count - 1);
        inRoom.remove(task.key());
      }
      startMore();
    }
  }

  /** The first task of any server that may start; servers take turns. */
  private synchronized @Nullable Task next() {
    if (running >= RUNNING_MAX) {
      return null;
    }
    for (Map.Entry<String, Queue<Task>> entry : waiting.entrySet()) {
      if (ofServer.getOrDefault(entry.getKey(), 0) >= RUNNING_PER_SERVER_MAX) {
        continue;
      }
      for (Task task : entry.getValue()) {
        if (!inRoom.contains(task.key())) {
          start(task, entry.getValue());
          return task;
        }
      }
    }
    return null;
  }

  private void start(Task task, Queue<Task> queue) {
    queue.remove(task);
    waiting.remove(task.server());
    if (!queue.isEmpty()) {
      waiting.put(task.server(), queue);
    }
    running++;
    ofServer.merge(task.server(), 1, Integer::sum);
    inRoom.add(task.key());
  }
}
