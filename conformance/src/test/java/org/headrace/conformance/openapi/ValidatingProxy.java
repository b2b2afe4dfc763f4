package org.headrace.conformance.openapi;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between test clients and a server and has every response judged. A virtual thread per
 * request, so long polls may wait; while the server is away, connections are dropped as it would
 * drop them.
 */
public final class ValidatingProxy implements AutoCloseable {
  static {
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
  }

  private static final Duration UPSTREAM_TIMEOUT = Duration.ofMinutes(3);
  private static final int VIOLATIONS_MAX = 200;
  private static final Set<String> NOT_FORWARDED =
      Set.of(
          "connection",
          "content-length",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "expect");

  private final URI server;
  private final Optional<ResponseValidator> validator;
  private final HttpServer listener;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Violation> violations = new ArrayList<>();
  private final AtomicLong judged = new AtomicLong();

  private ValidatingProxy(URI server, Optional<ResponseValidator> validator) throws IOException {
    this.server = server;
    this.validator = validator;
    listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    listener.setExecutor(threads);
    listener.createContext("/", this::handle);
    listener.start();
  }

  /** Starts before the given server; without definitions it forwards and judges nothing. */
  public static ValidatingProxy before(URI server, Optional<ResponseValidator> validator) {
    try {
      return new ValidatingProxy(server, validator);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + listener.getAddress().getPort());
  }

  /** Responses judged so far. */
  public long judged() {
    return judged.get();
  }

  /** What was found since the last call. */
  public List<Violation> takeViolations() {
    synchronized (violations) {
      List<Violation> taken = List.copyOf(violations);
      violations.clear();
      return taken;
    }
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      HttpResponse<byte[]> response = forward(exchange);
      judge(exchange, response);
      Headers headers = exchange.getResponseHeaders();
      response
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                if (!name.startsWith(":")
                    && !NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                  headers.put(name, values);
                }
              });
      byte[] body = response.body();
      boolean bodyless = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(response.statusCode(), bodyless ? -1 : body.length);
      if (!bodyless) {
        exchange.getResponseBody().write(body);
      }
    } catch (IOException serverAway) {
      // Closing the exchange without an answer drops the client's connection.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange)
      throws IOException, InterruptedException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + exchange.getRequestURI().toString()))
            .timeout(UPSTREAM_TIMEOUT);
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              if (!NOT_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    HttpRequest.BodyPublisher publisher =
        body.length == 0 && !exchange.getRequestHeaders().containsKey("Content-Length")
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofByteArray(body);
    request.method(exchange.getRequestMethod(), publisher);
    return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private void judge(HttpExchange exchange, HttpResponse<byte[]> response) {
    if (validator.isEmpty()) {
      return;
    }
    Map<String, String> headers = new TreeMap<>();
    response
        .headers()
        .map()
        .forEach(
            (name, values) ->
                headers.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
    List<Violation> found;
    try {
      found =
          validator
              .get()
              .validate(
                  new ResponseValidator.Exchange(
                      exchange.getRequestMethod(),
                      exchange.getRequestURI().getRawPath(),
                      response.statusCode(),
                      headers,
                      new String(response.body(), StandardCharsets.UTF_8)));
    } catch (RuntimeException e) {
      // A slip in the definitions must not look like a server that is away.
      found =
          List.of(
              new Violation(
                  exchange.getRequestMethod() + " " + exchange.getRequestURI().getRawPath(),
                  response.statusCode(),
                  "",
                  "the validator failed: " + e,
                  ""));
    }
    judged.incrementAndGet();
    synchronized (violations) {
      found.stream()
          .limit(Math.max(0, VIOLATIONS_MAX - violations.size()))
          .forEach(violations::add);
    }
  }

  @Override
  public void close() {
    listener.stop(0);
    threads.shutdownNow();
    http.shutdownNow();
  }
}
