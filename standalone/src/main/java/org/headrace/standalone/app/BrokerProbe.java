package org.headrace.standalone.app;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;

/** Asks the brokers every few seconds whether they are there, on a thread of its own. */
final class BrokerProbe implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(3);
  private static final Duration ANSWER_WAIT = Duration.ofSeconds(3);

  private final Admin admin;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean answering = true;

  /** {@code clientConfig}: of brokers that have just answered. */
  BrokerProbe(Map<String, Object> clientConfig) {
    admin = Admin.create(clientConfig);
    thread = Thread.ofPlatform().name("broker-probe").daemon(true).start(this::run);
  }

  /** Whether the last question was answered. */
  boolean isAnswering() {
    return answering;
  }

  private void run() {
    try {
      while (!closing.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        answering = ask();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean ask() throws InterruptedException {
    try {
      int timeoutMillis = (int) ANSWER_WAIT.toMillis();
      var nodes =
          admin.describeCluster(new DescribeClusterOptions().timeoutMs(timeoutMillis)).nodes();
      return !nodes.get(timeoutMillis, TimeUnit.MILLISECONDS).isEmpty();
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  @Override
  public void close() {
    closing.countDown();
    thread.interrupt();
    admin.close(Duration.ofSeconds(1));
  }
}
