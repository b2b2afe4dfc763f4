package org.headrace.conformance.server;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/** Takes traces by OTLP over HTTP, and keeps the latest. Safe for many threads. */
public final class TraceCollector implements AutoCloseable {
  private static final long WAIT_SECONDS = 60;
  private static final int SPANS_MAX = 20_000;

  /**
   * A span as it was sent; ids are hexadecimal, {@code parent} empty for a trace's first.
   *
   * @param node the process that sent it
   */
  public record Sent(
      String node,
      String trace,
      String id,
      String parent,
      String name,
      Map<String, String> attributes,
      long begunNanos) {}

  private final HttpServer http;
  private final List<Sent> spans = new ArrayList<>();
  private Throwable failure;

  public TraceCollector() {
    try {
      http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    http.createContext(
        "/v1/traces",
        exchange -> {
          boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
          try (var body = exchange.getRequestBody();
              var plain = zipped ? new GZIPInputStream(body) : body) {
            take(ExportTraceServiceRequest.parseFrom(plain));
          } catch (IOException | RuntimeException | LinkageError e) {
            failed(e);
          }
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    http.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  private synchronized void failed(Throwable e) {
    failure = e;
    notifyAll();
  }

  private synchronized void take(ExportTraceServiceRequest request) {
    for (ResourceSpans resource : request.getResourceSpansList()) {
      String node =
          attributes(resource.getResource().getAttributesList())
              .getOrDefault("service.instance.id", "");
      resource.getScopeSpansList().stream()
          .flatMap(scope -> scope.getSpansList().stream())
          .map(span -> sent(node, span))
          .forEach(spans::add);
    }
    if (spans.size() > SPANS_MAX) {
      spans.subList(0, spans.size() - SPANS_MAX).clear();
    }
    notifyAll();
  }

  private static Sent sent(String node, Span span) {
    return new Sent(
        node,
        hex(span.getTraceId().toByteArray()),
        hex(span.getSpanId().toByteArray()),
        hex(span.getParentSpanId().toByteArray()),
        span.getName(),
        attributes(span.getAttributesList()),
        span.getStartTimeUnixNano());
  }

  private static Map<String, String> attributes(List<KeyValue> sent) {
    Map<String, String> attributes = new TreeMap<>();
    sent.forEach(each -> attributes.put(each.getKey(), each.getValue().getStringValue()));
    return attributes;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /** What has come. */
  public synchronized List<Sent> spans() {
    return List.copyOf(spans);
  }

  /** Waits until what has come holds what is looked for; fails if it does not come. */
  public synchronized <T> T await(Function<List<Sent>, java.util.Optional<T>> look)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (true) {
      var found = look.apply(List.copyOf(spans));
      if (found.isPresent()) {
        return found.get();
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0 || failure != null) {
        throw new AssertionError("not among what has come: " + spans, failure);
      }
      wait(left);
    }
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
