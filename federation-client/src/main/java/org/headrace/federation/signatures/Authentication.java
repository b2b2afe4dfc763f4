package org.headrace.federation.signatures;

import org.headrace.core.id.ServerName;

/** Who made an inbound request, or why that is not believed. */
public sealed interface Authentication {

  /**
   * The request is authentic.
   *
   * @param origin the server that signed it
   * @param tenant the hosted server that it is for
   */
  record Accepted(ServerName origin, ServerName tenant) implements Authentication {}

  /**
   * The request is to be answered with this error.
   *
   * @param message for people, without secrets
   */
  record Refused(Cause cause, String message) implements Authentication {
    public int status() {
      return cause == Cause.DENIED ? 403 : 401;
    }

    public String errcode() {
      return cause == Cause.DENIED ? "M_FORBIDDEN" : "M_UNAUTHORIZED";
    }
  }

  /** Why a request is refused. */
  enum Cause {
    /** There is no header of the scheme X-Matrix. */
    MISSING,
    /** A header cannot be understood, or headers contradict each other. */
    MALFORMED,
    /** It is for a server that is not hosted here. */
    WRONG_DESTINATION,
    /** The tenant's policy does not allow this origin, or it is hosted here. */
    DENIED,
    /** The key is not known, or does not hold any more. */
    KEY_UNKNOWN,
    /** The signature is not one of this request. */
    BAD_SIGNATURE
  }
}
