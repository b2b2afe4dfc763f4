package org.headrace.http;

import java.util.function.Function;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomAlias;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;

/** Identifiers as parameters of a request: malformed ones are M_INVALID_PARAM. */
public final class Ids {
  private Ids() {}

  public static RoomId room(String value) {
    return parse(value, RoomId::new);
  }

  public static EventId event(String value) {
    return parse(value, EventId::new);
  }

  public static UserId user(String value) {
    return parse(value, UserId::new);
  }

  public static RoomAlias alias(String value) {
    return parse(value, RoomAlias::new);
  }

  public static DeviceId device(String value) {
    return parse(value, DeviceId::new);
  }

  private static <T> T parse(String value, Function<String, T> type) {
    try {
      return type.apply(value);
    } catch (InvalidIdException e) {
      throw MatrixError.invalidParam(String.valueOf(e.getMessage()));
    }
  }
}
