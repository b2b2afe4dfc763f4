package org.headrace.standalone.app;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.smallrye.common.vertx.ContextLocals;
import io.smallrye.common.vertx.VertxContext;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import org.headrace.schema.trace.TraceContext;
import org.headrace.schema.trace.Traces;
import org.jboss.logging.MDC;

/**
 * The span of each request that writes, from its first byte to the end of its answer: where a
 * command's trace begins. What the request itself says of traces is not looked at, so that nobody
 * else decides what is recorded here, or joins it to what.
 */
@ApplicationScoped
public class RequestSpans {
  /** Before the body is read. */
  private static final int PRIORITY = 2_000;

  private static final Set<HttpMethod> READING =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private static final String SPAN = "headrace.span";

  private static final int SERVER_ERROR = 500;

  void register(@Observes Filters filters) {
    Traces traces = Node.current().traces();
    if (traces.isOn()) {
      filters.register(context -> begin(traces, context), PRIORITY);
    }
  }

  private static void begin(Traces traces, RoutingContext context) {
    HttpMethod method = context.request().method();
    if (!READING.contains(method) && VertxContext.isOnDuplicatedContext()) {
      Traces.Span span = traces.request(method.name());
      TraceContext trace = span.context();
      if (trace != null) {
        ContextLocals.put(SPAN, span);
        MDC.put("traceId", trace.traceId());
        context.addEndHandler(ended -> end(context, span));
      }
    }
    context.next();
  }

  private static void end(RoutingContext context, Traces.Span span) {
    if (context.response().getStatusCode() >= SERVER_ERROR) {
      span.failed();
    }
    span.end();
  }

  /** The span of the request that this thread serves; {@link Traces.Span#NONE} if none. */
  static Traces.Span current() {
    return VertxContext.isOnDuplicatedContext()
        ? ContextLocals.<Traces.Span>get(SPAN).orElse(Traces.Span.NONE)
        : Traces.Span.NONE;
  }
}
