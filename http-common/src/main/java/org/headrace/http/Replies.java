package org.headrace.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
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
    return retryAfterSeconds(error)
        .map(seconds -> Response.fromResponse(reply).header("Retry-After", seconds).build())
        .orElse(reply);
  }

  /** The header of an error that names a time to come again. */
  static Optional<String> retryAfterSeconds(MatrixError error) {
    return Optional.ofNullable(error.body().get("retry_after_ms"))
        .map(millis -> Long.toString((millis.asLong() + 999) / 1000));
  }
}
