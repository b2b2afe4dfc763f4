package org.headrace.standalone.cli;

import java.util.Map;
import java.util.Optional;

/** A port of its own for health and metrics, for who runs the process and not for clients. */
record ManagementSettings(String bind, int port) {
  static Optional<ManagementSettings> of(Map<Setting, String> given) throws StartException {
    String port = given.get(Setting.MANAGEMENT_PORT);
    if (port == null) {
      if (given.containsKey(Setting.MANAGEMENT_BIND)) {
        throw new StartException(
            Setting.MANAGEMENT_BIND.flag() + " needs " + Setting.MANAGEMENT_PORT.flag());
      }
      return Optional.empty();
    }
    return Optional.of(
        new ManagementSettings(
            given.getOrDefault(Setting.MANAGEMENT_BIND, "127.0.0.1"), Settings.port(port)));
  }
}
