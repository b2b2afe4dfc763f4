package org.headrace.schema.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.headrace.core.json.Json;

/** The bytes of commands, records and ticks: JSON with a {@code kind}, absent instead of null. */
public final class LogJson {
  private static final ObjectMapper MAPPER =
      Json.ownMapper().setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);

  private LogJson() {}

  public static byte[] encode(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Decodes what {@link #encode} wrote; bytes of another origin are a broken invariant. */
  public static <T> T decode(byte[] bytes, Class<T> type) {
    try {
      return MAPPER.readValue(bytes, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
