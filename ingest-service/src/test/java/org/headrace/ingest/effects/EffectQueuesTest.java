package org.headrace.ingest.effects;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.headrace.ingest.effects.EffectQueues.Task;
import org.junit.jupiter.api.Test;

class EffectQueuesTest {
  private static final long WAIT_SECONDS = 60;

  private final EffectQueues queues = new EffectQueues();

  @Test
  void aServerThatDoesNotAnswerKeepsNobodyElseWaiting() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    for (int i = 0; i < 100; i++) {
      assertThat(queues.offer(new Task("dead", "room" + i, () -> await(stuck)))).isTrue();
    }
    CountDownLatch others = new CountDownLatch(50);
    for (int i = 0; i < 50; i++) {
      assertThat(queues.offer(new Task("alive" + i, "room", others::countDown))).isTrue();
    }
    assertThat(others.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    stuck.countDown();
  }

  @Test
  void aServerHasFewWorkersAndEachRoomOne() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch done = new CountDownLatch(200);
    for (int i = 0; i < 200; i++) {
      int number = i;
      String room = i % 10 == 0 ? "one" : "room" + i;
      queues.offer(
          new Task(
              "server",
              room,
              () -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                if (number % 10 == 0) {
                  order.add(number);
                }
                running.decrementAndGet();
                done.countDown();
              }));
    }
    assertThat(done.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(most.get()).isLessThanOrEqualTo(EffectQueues.RUNNING_PER_SERVER_MAX);
    assertThat(order).isSorted();
  }

  @Test
  void tooMuchOfOneServerIsRefused() {
    CountDownLatch stuck = new CountDownLatch(1);
    int taken = 0;
    while (queues.offer(new Task("dead", "room", () -> await(stuck)))) {
      taken++;
    }
    assertThat(taken)
        .isBetween(
            EffectQueues.WAITING_PER_SERVER_MAX,
            EffectQueues.WAITING_PER_SERVER_MAX + EffectQueues.RUNNING_PER_SERVER_MAX);
    assertThat(queues.offer(new Task("alive", "room", () -> {}))).isTrue();
    stuck.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
