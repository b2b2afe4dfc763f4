package org.headrace.federation.net;

import java.util.Optional;

/**
 * A request.
 *
 * @param method GET, PUT or POST
 * @param target path and query as they are sent, percent-encoded
 * @param authorization the {@code Authorization} header
 * @param body JSON in UTF-8
 */
public record HttpCall(
    String method, String target, Optional<String> authorization, Optional<byte[]> body) {

  public static HttpCall get(String target) {
    return new HttpCall("GET", target, Optional.empty(), Optional.empty());
  }
}
