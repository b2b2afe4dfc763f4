package org.headrace.api;

import org.headrace.http.MatrixError;
import org.jspecify.annotations.Nullable;

/** Query parameters: of another type than asked for, they are M_INVALID_PARAM. */
public final class Params {
  private Params() {}

  public static boolean bool(@Nullable String value, String name) {
    if (value == null || value.isEmpty() || value.equals("false")) {
      return false;
    }
    if (value.equals("true")) {
      return true;
    }
    throw MatrixError.invalidParam(name + " must be true or false");
  }

  /** An integer that is not negative; larger ones than {@code max} are cut to it. */
  public static long integer(@Nullable String value, String name, long absent, long max) {
    if (value == null || value.isEmpty()) {
      return absent;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= 0) {
        return Math.min(number, max);
      }
    } catch (NumberFormatException e) {
      // Answered below, as a negative one is.
    }
    throw MatrixError.invalidParam(name + " must be an integer that is not negative");
  }

  public static String required(@Nullable String value, String name) {
    if (value == null || value.isEmpty()) {
      throw MatrixError.missingParam(name + " is missing");
    }
    return value;
  }
}
