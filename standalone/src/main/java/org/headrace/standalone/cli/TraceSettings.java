package org.headrace.standalone.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;

/**
 * Where traces are sent, and of how much.
 *
 * @param endpoint takes OTLP over HTTP
 * @param ratio of the requests that write, from 0 to 1
 */
record TraceSettings(URI endpoint, double ratio) {
  private static final String PATH = "/v1/traces";
  private static final String RATIO_DEFAULT = "0.01";

  static Optional<TraceSettings> of(Map<Setting, String> given) throws StartException {
    String url = given.get(Setting.TRACES);
    if (url == null) {
      if (given.containsKey(Setting.TRACES_RATIO)) {
        throw new StartException(Setting.TRACES_RATIO.flag() + " needs " + Setting.TRACES.flag());
      }
      return Optional.empty();
    }
    return Optional.of(
        new TraceSettings(
            endpoint(url), ratio(given.getOrDefault(Setting.TRACES_RATIO, RATIO_DEFAULT))));
  }

  /** An address without a path is that of a collector, whose path the protocol says. */
  private static URI endpoint(String url) throws StartException {
    try {
      URI uri = new URI(url);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (http && uri.getHost() != null && uri.getUserInfo() == null) {
        String path = uri.getRawPath();
        return path.isEmpty() || path.equals("/") ? uri.resolve(PATH) : uri;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    // Not repeated: it may hold a password.
    throw new StartException(
        Setting.TRACES.key() + " is an http or https URL of a host, without a user or a password");
  }

  private static double ratio(String text) throws StartException {
    try {
      double ratio = Double.parseDouble(text);
      if (ratio >= 0 && ratio <= 1) {
        return ratio;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new StartException(Setting.TRACES_RATIO.key() + " is a number from 0 to 1, not " + text);
  }
}
