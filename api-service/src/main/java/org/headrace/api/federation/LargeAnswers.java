package org.headrace.api.federation;

import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.headrace.core.json.Json;

/**
 * Answers of any size, written event by event, a few at a time: each holds the ids of a room's
 * state and of its auth chain while it is written.
 */
@Singleton
class LargeAnswers {
  /** Answers that are written at once; more wait for their turn. */
  private static final int WRITTEN_AT_ONCE_MAX = 4;

  private final Semaphore turns = new Semaphore(WRITTEN_AT_ONCE_MAX, true);

  /** Writes the members of an object. */
  interface Content {
    void write(JsonGenerator json) throws IOException;
  }

  Response of(Content content) {
    StreamingOutput output =
        out -> {
          take();
          try (JsonGenerator json = Json.MAPPER.createGenerator(out)) {
            json.writeStartObject();
            content.write(json);
            json.writeEndObject();
          } finally {
            turns.release();
          }
        };
    return Response.ok(output, MediaType.APPLICATION_JSON).build();
  }

  private void take() throws IOException {
    try {
      turns.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
