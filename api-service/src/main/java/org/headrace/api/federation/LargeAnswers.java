package org.headrace.api.federation;

import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.time.Duration;
import org.headrace.core.json.Json;
import org.headrace.http.Peer;
import org.headrace.http.Places;
import org.headrace.http.RequestPlaces;

/**
 * Answers of any size, written event by event, a few at a time: each holds the ids of a room's
 * state and of its auth chain while it is written.
 */
@Singleton
class LargeAnswers {
  /** Answers that are written at once; more wait for their turn. */
  static final int WRITTEN_AT_ONCE_MAX = 4;

  /** Of them, to one server: half, so that others come to their turns. */
  static final int WRITTEN_AT_ONCE_TO_ONE_MAX = WRITTEN_AT_ONCE_MAX / 2;

  private static final Duration TURN_WAIT = Duration.ofMinutes(1);

  private final Places turns = new Places(WRITTEN_AT_ONCE_MAX, WRITTEN_AT_ONCE_TO_ONE_MAX);
  private final RequestPlaces held;
  private final Duration wait;

  /** Writes the members of an object. */
  interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  @Inject
  LargeAnswers(RequestPlaces held) {
    this(held, TURN_WAIT);
  }

  LargeAnswers(RequestPlaces held, Duration wait) {
    this.held = held;
    this.wait = wait;
  }

  /** Waits for the turn, which lasts until the request ends; throws M_LIMIT_EXCEEDED (429). */
  Response of(Peer peer, Content content) {
    held.hold(turns.take(peer.origin().value(), wait));
    StreamingOutput output =
        out -> {
          try (JsonGenerator json = Json.MAPPER.createGenerator(out)) {
            json.writeStartObject();
            content.write(json);
            json.writeEndObject();
          }
        };
    return Response.ok(output, MediaType.APPLICATION_JSON).build();
  }
}
