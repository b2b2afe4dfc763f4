package org.headrace.ingest.client;

import org.headrace.core.id.ServerName;
import org.headrace.http.MatrixError;

/**
 * What an effect's worker says in the end of another server that did not do what it was asked, and
 * how a client that waits for it is told.
 */
public final class Refusals {
  private static final String SILENT = "no answer from ";

  private Refusals() {}

  /** For a server that could not be asked. */
  public static String silent(ServerName server) {
    return SILENT + server;
  }

  /** 504 for a silent server, M_FORBIDDEN with its message for one that refused. */
  static MatrixError error(String refusal) {
    return refusal.startsWith(SILENT)
        ? new MatrixError(504, "M_UNKNOWN", "There was " + refusal)
        : MatrixError.forbidden(refusal);
  }
}
