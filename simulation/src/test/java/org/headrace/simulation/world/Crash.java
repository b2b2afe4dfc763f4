package org.headrace.simulation.world;

/**
 * The process dies here. An Error, so that nothing on the way can take it for a command's fault.
 */
final class Crash extends Error {
  private static final long serialVersionUID = 1;

  Crash() {
    super("crash", null, false, false);
  }
}
