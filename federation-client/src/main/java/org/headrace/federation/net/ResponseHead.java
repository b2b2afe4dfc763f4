package org.headrace.federation.net;

import java.util.Optional;

/** Status and headers of an answer. */
public interface ResponseHead {
  int status();

  /** The first header with this name, in any case. */
  Optional<String> header(String name);

  default boolean isSuccess() {
    return status() >= 200 && status() < 300;
  }
}
