package org.headrace.projections.view;

import org.jspecify.annotations.Nullable;

/** The views' store does not answer now; what was asked may be asked again later. */
public final class ViewsUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ViewsUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
