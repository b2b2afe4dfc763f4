package org.headrace.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.headrace.core.json.Json;

/** Responses of JSON. */
public final class Replies {
  private Replies() {}

  public static Response ok(ObjectNode body) {
    return json(200, body);
  }

  /** {@code {}}. */
  public static Response empty() {
    return ok(Json.object());
  }

  public static Response json(int status, ObjectNode body) {
    return Response.status(status)
        .type(MediaType.APPLICATION_JSON)
        .entity(Json.bytes(body))
        .build();
  }

  public static Response error(MatrixError error) {
    Response reply = json(error.status(), error.body());
    var retryAfter = error.body().get("retry_after_ms");
    if (retryAfter == null) {
      return reply;
    }
    long seconds = (retryAfter.asLong() + 999) / 1000;
    return Response.fromResponse(reply).header("Retry-After", seconds).build();
  }
}
