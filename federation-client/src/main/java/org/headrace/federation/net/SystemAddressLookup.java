package org.headrace.federation.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The JDK's look-ups, which honour {@code jdk.net.hosts.file}. They cannot be interrupted and hold
 * the carrier of a virtual thread, so they run on a few threads of their own and whoever waits
 * gives up in time.
 */
public final class SystemAddressLookup implements AddressLookup, AutoCloseable {
  /** As many as may fetch keys at a time: slow names then hold up nobody else. */
  private static final int THREADS_MAX = 256;

  private static final int WAITING_MAX = 1_000;
  private static final Duration LOOKUP_MAX = Duration.ofSeconds(10);
  private static final long IDLE_SECONDS_MAX = 30;

  private final ExecutorService threads;

  public SystemAddressLookup() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS_MAX,
            THREADS_MAX,
            IDLE_SECONDS_MAX,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().name("address-lookup-", 0).daemon().factory());
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  @Override
  public List<InetAddress> lookup(String host, Deadline deadline) throws UnknownHostException {
    Future<List<InetAddress>> answer = null;
    try {
      answer = threads.submit(() -> List.of(InetAddress.getAllByName(host)));
      return answer.get(deadline.within(LOOKUP_MAX).remainingMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unknown(host, e.getCause() instanceof UnknownHostException ? "" : e.toString());
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw unknown(host, ": no answer in time");
    } catch (RejectedExecutionException e) {
      throw unknown(host, ": too many look-ups are waiting");
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw unknown(host, ": interrupted");
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private static UnknownHostException unknown(String host, String why) {
    return new UnknownHostException(host + why);
  }
}
