package org.headrace.log.ticks;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.headrace.core.id.RoomId;
import org.headrace.schema.log.Position;
import org.headrace.schema.tick.Tick;
import org.headrace.schema.trace.Subject;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;

/**
 * The last commands of rooms that were traced and have become visible, so that their traces end
 * with the /syncs that answered with them. Safe for many threads.
 */
public final class TracedNews {
  /** Of traces that nobody has a record of. */
  public static final TracedNews NONE = new TracedNews(Traces.OFF, InstantSource.system());

  private static final int NEWS_MAX = 1_024;

  /** Answers of this process that one trace shows: the first ones to a large room. */
  private static final int ANSWERS_MAX = 16;

  private record News(
      String room, Position position, TraceContext cause, Instant seen, AtomicInteger answers) {}

  private final Traces traces;
  private final InstantSource clock;
  private final Map<String, List<News>> byRoom = new ConcurrentHashMap<>();

  /** All, the oldest first; of the thread that reads ticks. */
  private final Deque<News> inOrder = new ArrayDeque<>();

  public TracedNews(Traces traces, InstantSource clock) {
    this.traces = traces;
    this.clock = clock;
  }

  /** Called by one thread. */
  void accept(Tick.Visible tick, TraceContext cause) {
    if (!traces.isOn()) {
      return;
    }
    String room = tick.key();
    News news = new News(room, tick.position(), cause, clock.instant(), new AtomicInteger());
    inOrder.add(news);
    byRoom.computeIfAbsent(room, r -> new CopyOnWriteArrayList<>()).add(news);
    if (inOrder.size() > NEWS_MAX) {
      News oldest = inOrder.removeFirst();
      byRoom.computeIfPresent(
          oldest.room(),
          (r, list) -> {
            list.remove(oldest);
            return list.isEmpty() ? null : list;
          });
    }
  }

  /** Whether there is nothing that an answer could have told. */
  public boolean isEmpty() {
    return byRoom.isEmpty();
  }

  /**
   * A /sync is being answered with what a room had after one position and up to another.
   *
   * @param begun when the request came
   */
  public void answered(RoomId room, Position after, Position upTo, Instant begun) {
    for (News news : byRoom.getOrDefault(room.value(), List.of())) {
      if (news.position().isAfter(after)
          && !news.position().isAfter(upTo)
          && news.answers().getAndIncrement() < ANSWERS_MAX) {
        Instant since = news.seen().isAfter(begun) ? news.seen() : begun;
        traces.answer("sync", news.cause(), since, new Subject(room, null));
      }
    }
  }
}
