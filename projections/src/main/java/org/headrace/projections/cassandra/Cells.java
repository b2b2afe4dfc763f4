package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.headrace.core.id.EventId;
import org.headrace.schema.log.LogJson;
import org.headrace.schema.log.Position;
import org.jspecify.annotations.Nullable;

/** What cells hold: texts, positions, JSON as the log has it. */
final class Cells {
  /** An entry of a state that there is no more. */
  static final String NO_EVENT = "";

  private Cells() {}

  /** Of a key, or of a cell that each row has. */
  static String text(Row row, int column) {
    return Objects.requireNonNull(row.getString(column));
  }

  static Position position(Row row, String column) {
    return row.isNull(column) ? Position.NONE : new Position(row.getLong(column));
  }

  static String event(@Nullable EventId event) {
    return event == null ? NO_EVENT : event.value();
  }

  static @Nullable EventId event(Row row, String column) {
    String event = row.getString(column);
    return event == null || event.equals(NO_EVENT) ? null : new EventId(event);
  }

  static String json(Object value) {
    return new String(LogJson.encode(value), StandardCharsets.UTF_8);
  }

  /** Empty if the cell is. */
  static <T> Optional<T> json(Row row, String column, Class<T> type) {
    return Optional.ofNullable(row.getString(column))
        .map(text -> LogJson.decode(text.getBytes(StandardCharsets.UTF_8), type));
  }
}
