package org.headrace.standalone.app;

import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceInfo;
import org.headrace.schema.trace.Traces;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Names a request's span by the path that its Resource declares, where parameters are in braces:
 * what a client says in their places is in no name.
 */
public final class RequestSpanNames {
  @ServerRequestFilter
  public void name(ResourceInfo resource, ContainerRequestContext request) {
    Traces.Span span = RequestSpans.current();
    if (span.context() == null) {
      return;
    }
    // Resources write paths in full on methods (docs/adr/0002-http-common.md).
    Path path = resource.getResourceMethod().getAnnotation(Path.class);
    if (path != null) {
      String slash = path.value().startsWith("/") ? "" : "/";
      span.name(request.getMethod() + " " + slash + path.value());
    }
  }
}
