package org.headrace.standalone.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A second port with TLS; {@code certificate} (the chain) and {@code key} are PEM files. */
record TlsSettings(int port, Path certificate, Path key) {
  /** The port that federation expects where nothing else is said (server-server API). */
  private static final String DEFAULT_PORT = "8448";

  static Optional<TlsSettings> of(Map<Setting, String> given) throws StartException {
    String certificate = given.get(Setting.TLS_CERTIFICATE);
    String key = given.get(Setting.TLS_KEY);
    if (certificate == null && key == null) {
      if (given.containsKey(Setting.TLS_PORT)) {
        throw new StartException("a TLS port needs --tls-certificate and --tls-key");
      }
      return Optional.empty();
    }
    if (certificate == null || key == null) {
      throw new StartException("TLS needs both --tls-certificate and --tls-key");
    }
    return Optional.of(
        new TlsSettings(
            Settings.port(given.getOrDefault(Setting.TLS_PORT, DEFAULT_PORT)),
            readable(Setting.TLS_CERTIFICATE, certificate),
            readable(Setting.TLS_KEY, key)));
  }

  private static Path readable(Setting setting, String text) throws StartException {
    Path file = Path.of(text).toAbsolutePath().normalize();
    if (!Files.isReadable(file)) {
      throw new StartException(setting.flag() + ": cannot read " + file);
    }
    return file;
  }
}
