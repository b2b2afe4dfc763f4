package org.headrace.api.media;

import org.headrace.http.MatrixError;
import org.jspecify.annotations.Nullable;

/** What a thumbnail is asked to be (client-server API, "Thumbnails"). Pixels. */
public record ThumbnailSize(int width, int height, boolean crop) {
  /** Larger ones are asked for nowhere, and are the original in any case. */
  private static final int PIXELS_MAX = 8_192;

  /** Reads the parameters of a request; throws M_MISSING_PARAM or M_INVALID_PARAM. */
  public static ThumbnailSize of(
      @Nullable String width, @Nullable String height, @Nullable String method) {
    boolean crop = "crop".equals(method);
    if (!crop && method != null && !method.isEmpty() && !method.equals("scale")) {
      throw MatrixError.invalidParam("method must be crop or scale");
    }
    return new ThumbnailSize(pixels(width, "width"), pixels(height, "height"), crop);
  }

  private static int pixels(@Nullable String value, String name) {
    if (value == null || value.isEmpty()) {
      throw MatrixError.missingParam(name + " is missing");
    }
    try {
      long pixels = Long.parseLong(value);
      if (pixels > 0) {
        return (int) Math.min(pixels, PIXELS_MAX);
      }
    } catch (NumberFormatException e) {
      // Answered below, as a negative one is.
    }
    throw MatrixError.invalidParam(name + " must be a positive integer");
  }

  /** By how much a picture of this size is scaled; never up. */
  double scale(int ofWidth, int ofHeight) {
    double byWidth = (double) width / ofWidth;
    double byHeight = (double) height / ofHeight;
    return Math.min(1, crop ? Math.max(byWidth, byHeight) : Math.min(byWidth, byHeight));
  }
}
