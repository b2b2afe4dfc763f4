package org.headrace.http;

import jakarta.ws.rs.container.ContainerRequestContext;
import java.util.function.Consumer;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * What is logged while a request is served names the room and the event of its path: in the fields
 * {@link #ROOM} and {@link #EVENT} of structured logs. They end with the request.
 */
public final class LoggedIds {
  public static final String ROOM = "roomId";
  public static final String EVENT = "eventId";

  @ServerRequestFilter
  public void put(ContainerRequestContext request) {
    var parameters = request.getUriInfo().getPathParameters();
    put(ROOM, parameters.getFirst("roomId"), RoomId::new);
    put(EVENT, parameters.getFirst("eventId"), EventId::new);
  }

  /** What is no id is said by the answer alone. */
  private static void put(String field, @Nullable String value, Consumer<String> type) {
    if (value != null) {
      try {
        type.accept(value);
        MDC.put(field, value);
      } catch (InvalidIdException e) {
        // The Resource refuses it.
      }
    }
  }
}
