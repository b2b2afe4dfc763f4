package org.headrace.standalone.cli;

/** A host, or an address, and a port. */
record HostPort(String host, int port) {
  /** Parses {@code host:port}; an IPv6 address is in brackets. */
  static HostPort parse(Setting setting, String text) throws StartException {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || text.isBlank() || text.chars().anyMatch(Character::isWhitespace)) {
      throw new StartException(setting.key() + " must be host:port, not " + text);
    }
    return new HostPort(text.substring(0, colon), Settings.port(text.substring(colon + 1)));
  }
}
