package org.headrace.api.room;

import java.nio.charset.StandardCharsets;
import org.headrace.core.filter.EventFilter;
import org.headrace.core.filter.InvalidFilterException;
import org.headrace.core.json.Json;
import org.headrace.http.MatrixError;
import org.jspecify.annotations.Nullable;

/** The RoomEventFilter that /messages and /context take as JSON in a parameter. */
final class RoomEventFilters {
  private RoomEventFilters() {}

  static EventFilter parse(@Nullable String json) {
    if (json == null || json.isEmpty()) {
      return EventFilter.ALL;
    }
    try {
      return EventFilter.parse(Json.parseObject(json.getBytes(StandardCharsets.UTF_8)));
    } catch (InvalidFilterException e) {
      throw MatrixError.invalidParam(String.valueOf(e.getMessage()));
    }
  }
}
