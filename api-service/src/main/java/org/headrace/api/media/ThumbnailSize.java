package org.headrace.api.media;

import java.util.List;
import org.headrace.http.MatrixError;
import org.jspecify.annotations.Nullable;

/** What a thumbnail is asked to be (client-server API, "Thumbnails"). Pixels. */
public record ThumbnailSize(int width, int height, boolean crop) {
  /** The specification's sizes of all servers; all but these are rounded to one of them. */
  private static final List<ThumbnailSize> CROPPED_ONLY =
      List.of(new ThumbnailSize(32, 32, true), new ThumbnailSize(96, 96, true));

  private static final List<ThumbnailSize> SCALED =
      List.of(
          new ThumbnailSize(320, 240, false),
          new ThumbnailSize(640, 480, false),
          new ThumbnailSize(800, 600, false));

  /**
   * Reads the parameters of a request: the smallest of a few sizes that has what is asked for, else
   * the largest. Throws M_MISSING_PARAM or M_INVALID_PARAM.
   */
  public static ThumbnailSize of(
      @Nullable String width, @Nullable String height, @Nullable String method) {
    boolean crop = "crop".equals(method);
    if (!crop && method != null && !method.isEmpty() && !method.equals("scale")) {
      throw MatrixError.invalidParam("method must be crop or scale");
    }
    return new ThumbnailSize(pixels(width, "width"), pixels(height, "height"), crop).rounded();
  }

  private ThumbnailSize rounded() {
    for (ThumbnailSize each : crop ? CROPPED_ONLY : List.<ThumbnailSize>of()) {
      if (each.has(this)) {
        return each;
      }
    }
    ThumbnailSize found =
        SCALED.stream().filter(each -> each.has(this)).findFirst().orElse(SCALED.getLast());
    return new ThumbnailSize(found.width, found.height, crop);
  }

  private boolean has(ThumbnailSize other) {
    return width >= other.width && height >= other.height;
  }

  private static int pixels(@Nullable String value, String name) {
    if (value == null || value.isEmpty()) {
      throw MatrixError.missingParam(name + " is missing");
    }
    try {
      long pixels = Long.parseLong(value);
      if (pixels > 0) {
        return (int) Math.min(pixels, Integer.MAX_VALUE);
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
