package org.headrace.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * What holds for every request before a Resource is found: CORS headers on all responses,
 * preflights answered at once (client-server API, "Web Browser Clients"), and the body read whole
 * on the event loop, so that a slow one holds no thread and a large one is refused; an upload's is
 * left to its Resource. Runs on event loop threads.
 */
@ApplicationScoped
public final class HttpRules {
  /** Longest request body; a command made of it fits into a record of the log (1 MiB). */
  public static final int BODY_BYTES_MAX = 960 * 1024;

  /**
   * Longest transaction of another server: 50 events of 64 KiB, and EDUs. It becomes many commands.
   */
  public static final int TRANSACTION_BYTES_MAX = 8 * 1024 * 1024;

  /** Uploads go to the media store as they come, within limits of their own. */
  private static final String UPLOADS = "/_matrix/media/v3/upload";

  /** To an id that was reserved: its server and itself. */
  private static final Pattern UPLOADS_TO_IDS = Pattern.compile(UPLOADS + "/[^/]+/[^/]+");

  private static final String TRANSACTIONS = "/_matrix/federation/v1/send/";
  private static final String FEDERATION = "/_matrix/federation/";

  /** How long a body may take to arrive. */
  static final long BODY_MILLIS_MAX = 60_000;

  /**
   * A longer body is read and dropped up to here, so that the client, still writing, sees the
   * answer; beyond it the connection is closed.
   */
  private static final long DRAIN_BYTES_MAX = 64 << 20;

  /**
   * Bodies of all requests that are not answered yet, together; beyond it a request is asked to
   * come again, so that nobody can fill the memory.
   */
  private static final long BODIES_BYTES_MAX = 48L << 20;

  /** The same for requests of other servers, which thus cannot take what clients need. */
  private static final long FEDERATION_BODIES_BYTES_MAX = 64L << 20;

  private static final long RETRY_MILLIS = 2_000;
  private static final int PRIORITY = 1000;

  /** Bodies of one kind of requests that are held now, bytes. */
  private record Budget(long bytesMax, AtomicLong held) {}

  private static final Budget CLIENTS = new Budget(BODIES_BYTES_MAX, new AtomicLong());
  private static final Budget SERVERS = new Budget(FEDERATION_BODIES_BYTES_MAX, new AtomicLong());

  void register(@Observes Filters filters) {
    filters.register(HttpRules::apply, PRIORITY);
  }

  private static void apply(RoutingContext context) {
    HttpServerResponse response = context.response();
    response.putHeader("Access-Control-Allow-Origin", "*");
    response.putHeader("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS");
    response.putHeader(
        "Access-Control-Allow-Headers", "X-Requested-With, Content-Type, Authorization");
    HttpServerRequest request = context.request();
    if (request.method() == HttpMethod.OPTIONS) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end("{}");
    } else if (request.isEnded() || isUpload(context)) {
      context.next();
    } else {
      new BodyReader(context).start();
    }
  }

  private static boolean isUpload(RoutingContext context) {
    HttpMethod method = context.request().method();
    String path = path(context);
    return (method == HttpMethod.POST && path.equals(UPLOADS))
        || (method == HttpMethod.PUT && UPLOADS_TO_IDS.matcher(path).matches());
  }

  /** The path that decides which Resource is found; empty where it is none. */
  private static String path(RoutingContext context) {
    try {
      String path = context.normalizedPath();
      return path == null ? "" : path;
    } catch (IllegalArgumentException e) {
      // An escape that is none: routing refuses it.
      return "";
    }
  }

  private static void refuse(RoutingContext context, MatrixError error) {
    if (context.response().ended() || context.response().closed()) {
      return;
    }
    Replies.retryAfterSeconds(error)
        .ifPresent(seconds -> context.response().putHeader("Retry-After", seconds));
    context
        .response()
        .setStatusCode(error.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(error.body().toString());
  }

  /** Reads one request's body; confined to its event loop thread. */
  private static final class BodyReader {
    private final RoutingContext context;
    private final Budget budget;
    private final int bytesMax;
    private final Buffer body = Buffer.buffer();
    private long received;
    private long counted;
    private boolean refused;

    BodyReader(RoutingContext context) {
      this.context = context;
      String path = path(context);
      boolean ofServer = path.startsWith(FEDERATION);
      budget = ofServer ? SERVERS : CLIENTS;
      bytesMax = ofServer && path.startsWith(TRANSACTIONS) ? TRANSACTION_BYTES_MAX : BODY_BYTES_MAX;
    }

    void start() {
      HttpServerRequest request = context.request();
      long timer = context.vertx().setTimer(BODY_MILLIS_MAX, expired -> late());
      context.addEndHandler(ended -> budget.held().addAndGet(-counted));
      request.handler(this::take);
      request.exceptionHandler(broken -> context.vertx().cancelTimer(timer));
      request.endHandler(
          end -> {
            context.vertx().cancelTimer(timer);
            finish();
          });
      request.resume();
    }

    private void take(Buffer chunk) {
      received += chunk.length();
      if (refused) {
        return;
      }
      if (received <= bytesMax) {
        counted += chunk.length();
        if (budget.held().addAndGet(chunk.length()) > budget.bytesMax()) {
          refused = true;
          context.response().putHeader(HttpHeaders.CONNECTION, "close");
          refuse(context, MatrixError.limitExceeded(RETRY_MILLIS));
          return;
        }
        body.appendBuffer(chunk);
      } else if (received > DRAIN_BYTES_MAX) {
        refused = true;
        context.response().putHeader(HttpHeaders.CONNECTION, "close");
        refuse(context, tooLarge(bytesMax));
        context.request().connection().close();
      }
    }

    private void finish() {
      if (refused) {
        return;
      }
      if (received > bytesMax) {
        refuse(context, tooLarge(bytesMax));
        return;
      }
      ((RoutingContextInternal) context).setBody(body);
      context.next();
    }

    private void late() {
      refused = true;
      context.response().putHeader(HttpHeaders.CONNECTION, "close");
      refuse(context, new MatrixError(408, "M_UNKNOWN", "The body took too long to arrive"));
      context.request().connection().close();
    }
  }

  private static MatrixError tooLarge(int bytesMax) {
    return MatrixError.tooLarge("A request may have " + bytesMax + " bytes at most");
  }
}
