package org.headrace.http;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * What holds for every request before a Resource is found: CORS headers on all responses, preflights
 * answered at once (client-server API, "Web Browser Clients"), bodies that say they are too large
 * refused. Runs on event loop threads.
 */
@ApplicationScoped
public final class HttpRules {
  /** Longest request body; {@code quarkus.http.limits.max-body-size} has the same value. */
  public static final long BODY_BYTES_MAX = 1 << 20;

  /**
   * A longer body is read and dropped up to here, so that the client, still writing, sees the answer;
   * beyond it the connection is closed.
   */
  private static final long DRAIN_BYTES_MAX = 64 << 20;

  private static final int PRIORITY = 1000;

  void register(@Observes Filters filters) {
    filters.register(this::apply, PRIORITY);
  }

  private void apply(RoutingContext context) {
    HttpServerResponse response = context.response();
    response.putHeader("Access-Control-Allow-Origin", "*");
    response.putHeader("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, OPTIONS");
    response.putHeader(
        "Access-Control-Allow-Headers", "X-Requested-With, Content-Type, Authorization");
    if (context.request().method() == HttpMethod.OPTIONS) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end("{}");
      return;
    }
    long length = contentLength(context);
    if (length > BODY_BYTES_MAX) {
      refuse(context, length);
      return;
    }
    context.next();
  }

  private static void refuse(RoutingContext context, long length) {
    MatrixError error = ErrorMapper.tooLarge();
    HttpServerResponse response = context.response().setStatusCode(error.status());
    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    String body = error.body().toString();
    if (length > DRAIN_BYTES_MAX) {
      response.putHeader(HttpHeaders.CONNECTION, "close").end(body);
      return;
    }
    context.request().endHandler(end -> response.end(body));
    context.request().handler(dropped -> {});
    context.request().resume();
  }

  private static long contentLength(RoutingContext context) {
    String header = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return header == null ? 0 : Long.parseLong(header);
    } catch (NumberFormatException e) {
      return 0; // The HTTP decoder refuses it.
    }
  }
}
