package org.headrace.federation.discovery;

/** The ports of the specification; tests have others. */
record Ports(int https, int federation) {
  static final Ports STANDARD = new Ports(443, 8448);
}
