package org.headrace.standalone.app;

import jakarta.ws.rs.core.Response;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.SimpleResourceInfo;
import org.jspecify.annotations.Nullable;

/**
 * Both services' Resources are in the one artifact: a process answers only those of its roles
 * ({@code docs/routes.md}), so that a gateway that routes wrongly is noticed.
 */
public final class RoleFilter {
  private static final String INGEST = "org.headrace.ingest.";
  private static final String API = "org.headrace.api.";

  @ServerRequestFilter
  public @Nullable Response onlyOwn(SimpleResourceInfo resource) {
    String name = resource.getResourceClass().getName();
    Node node = Node.current();
    boolean other =
        (name.startsWith(INGEST) && !node.has(Role.INGEST))
            || (name.startsWith(API) && !node.has(Role.API));
    return other ? Replies.error(MatrixError.unrecognized()) : null;
  }
}
