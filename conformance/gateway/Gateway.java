import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * A gateway for trying a cluster on one machine: sends each request to one of the processes that
 * docs/routes.md names for its method and path, and that say they are ready. A connection that is
 * refused is tried with the next, once. Not for production: there, any gateway that routes by method
 * and path does this (k8s/).
 *
 * <p>Run from the source: {@code java -cp 'standalone/target/quarkus-app/lib/main/*'
 * conformance/gateway/Gateway.java PORT docs/routes.md ingest=PORT/MANAGEMENT,… api=PORT/MANAGEMENT,…}
 */
public final class Gateway {
  private static final int READY_MILLIS = 500;
  private static final int CONNECTIONS_MAX = 5_000;
  private static final long IDLE_SECONDS = 120;
  private static final String HOST = "127.0.0.1";

  /** A line of docs/routes.md. */
  record Route(String method, Pattern path, boolean ingest) {}

  /** One process. */
  static final class Backend {
    final int port;
    final int management;
    volatile boolean ready;

    Backend(String ports) {
      String[] two = ports.split("/");
      port = Integer.parseInt(two[0]);
      management = Integer.parseInt(two[1]);
    }
  }

  /** The processes of one role. */
  static final class Pool {
    final List<Backend> backends = new CopyOnWriteArrayList<>();
    final AtomicInteger turn = new AtomicInteger();

    List<Backend> inTurn() {
      List<Backend> ready = backends.stream().filter(backend -> backend.ready).toList();
      List<Backend> order = new ArrayList<>();
      int first = turn.getAndIncrement();
      for (int i = 0; i < ready.size(); i++) {
        order.add(ready.get(Math.floorMod(first + i, ready.size())));
      }
      return order;
    }
  }

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final HttpClient client =
      vertx.createHttpClient(
          new HttpClientOptions()
              .setConnectTimeout(2_000)
              .setIdleTimeout((int) IDLE_SECONDS)
              .setKeepAliveTimeout(30),
          new PoolOptions().setHttp1MaxSize(CONNECTIONS_MAX));
  private final List<Route> routes;
  private final Pool ingest = new Pool();
  private final Pool api = new Pool();

  private Gateway(List<Route> routes) {
    this.routes = routes;
  }

  public static void main(String[] args) throws Exception {
    Gateway gateway = new Gateway(routes(Path.of(args[1])));
    for (int i = 2; i < args.length; i++) {
      String[] pool = args[i].split("=");
      Pool to = pool[0].equals("ingest") ? gateway.ingest : gateway.api;
      for (String ports : pool[1].split(",")) {
        to.backends.add(new Backend(ports));
      }
    }
    gateway.watch();
    gateway.listen(Integer.parseInt(args[0]));
  }

  /** The tables of docs/routes.md: their heading says which service serves them. */
  private static List<Route> routes(Path file) throws IOException {
    List<Route> routes = new ArrayList<>();
    boolean ingest = false;
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("## ")) {
        ingest = line.equals("## ingest");
      }
      String[] cells = line.split("\\|");
      if (cells.length < 3 || !cells[2].contains("`/")) {
        continue;
      }
      String path = cells[2].replaceAll("^[^`]*`|`.*$", "");
      // Everything but the parameters, literally.
      StringBuilder pattern = new StringBuilder();
      for (String part : path.split("(?=\\{)|(?<=\\})")) {
        pattern.append(part.startsWith("{") ? "[^/]+" : Pattern.quote(part));
      }
      for (String method : cells[1].split(",")) {
        routes.add(new Route(method.strip(), Pattern.compile(pattern + "/?"), ingest));
      }
    }
    return routes;
  }

  private Pool pool(HttpServerRequest request) {
    for (Route route : routes) {
      if (route.method().equals(request.method().name())
          && route.path().matcher(request.path()).matches()) {
        return route.ingest() ? ingest : api;
      }
    }
    // Errors and preflights are the same everywhere.
    return api;
  }

  /** Asks each process whether it is ready, twice a second. */
  private void watch() {
    java.net.http.HttpClient http =
        java.net.http.HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
    for (Pool pool : List.of(ingest, api)) {
      for (Backend backend : pool.backends) {
        HttpRequest question =
            HttpRequest.newBuilder(
                    URI.create("http://" + HOST + ":" + backend.management + "/health/ready"))
                .timeout(Duration.ofSeconds(2))
                .build();
        Thread.ofVirtual()
            .start(
                () -> {
                  while (true) {
                    try {
                      backend.ready =
                          http.send(question, HttpResponse.BodyHandlers.discarding()).statusCode()
                              == 200;
                    } catch (IOException e) {
                      backend.ready = false;
                    } catch (InterruptedException e) {
                      return;
                    }
                    try {
                      Thread.sleep(READY_MILLIS);
                    } catch (InterruptedException e) {
                      return;
                    }
                  }
                });
      }
    }
  }

  private void listen(int port) {
    vertx
        .createHttpServer(new HttpServerOptions().setHost(HOST).setPort(port))
        .requestHandler(
            request ->
                request
                    .body()
                    .onSuccess(body -> forward(request, body, pool(request).inTurn(), 0)))
        .listen()
        .onComplete(
            started -> {
              if (started.failed()) {
                System.err.println("gateway: " + started.cause().getMessage());
                System.exit(1);
              }
              System.out.println("gateway: http://" + HOST + ":" + port);
            });
    new CompletableFuture<Void>().join();
  }

  private void forward(HttpServerRequest request, Buffer body, List<Backend> order, int attempt) {
    if (attempt >= order.size() || attempt > 1) {
      refuse(request);
      return;
    }
    RequestOptions options =
        new RequestOptions()
            .setHost(HOST)
            .setPort(order.get(attempt).port)
            .setMethod(request.method())
            .setURI(request.uri());
    client
        .request(options)
        .onFailure(refused -> forward(request, body, order, attempt + 1))
        .onSuccess(to -> send(request, body, to));
  }

  private static void send(HttpServerRequest request, Buffer body, HttpClientRequest to) {
    to.headers().setAll(request.headers());
    to.headers().remove("Transfer-Encoding").remove("Content-Length").remove("Connection");
    to.putHeader("Content-Length", Integer.toString(body.length()));
    to.putHeader("X-Forwarded-For", request.remoteAddress().hostAddress());
    // Whoever waits for news no longer, no longer waits.
    request.response().closeHandler(closed -> to.reset());
    to.send(body)
        .onFailure(broken -> refuse(request))
        .onSuccess(
            answer -> {
              var response = request.response().setStatusCode(answer.statusCode());
              response.headers().setAll(answer.headers());
              answer.pipeTo(response).onFailure(broken -> response.reset());
            });
  }

  private static void refuse(HttpServerRequest request) {
    if (request.response().ended() || request.response().closed()) {
      return;
    }
    request
        .response()
        .setStatusCode(503)
        .putHeader("Content-Type", "application/json")
        .putHeader("Access-Control-Allow-Origin", "*")
        .putHeader("Retry-After", "1")
        .end("{\"errcode\":\"M_UNKNOWN\",\"error\":\"No process is ready for this now\"}");
  }
}
