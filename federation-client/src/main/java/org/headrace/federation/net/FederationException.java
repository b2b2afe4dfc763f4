package org.headrace.federation.net;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Why a request to another server brought no answer that can be used. */
public final class FederationException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Reason {
    /** No address, no connection, or the connection broke. */
    UNREACHABLE,
    /** Not sent: our policy forbids the name or its addresses, or the body cannot be signed. */
    DENIED,
    /** No whole answer within the limits of time. */
    TIMEOUT,
    /** The certificate is not one for this server that a known authority signed. */
    BAD_CERTIFICATE,
    /** An answer that is too large, no JSON, or not what the specification says. */
    BAD_RESPONSE,
    /** The server answered with another status than 2xx; see {@link #refusal}. */
    REFUSED
  }

  /**
   * The server's refusal.
   *
   * @param status the HTTP status
   * @param errcode the Matrix error code, {@code M_UNKNOWN} where the answer has none
   * @param body the answer, to be shown where the specification wants it passed through; empty
   *     where it was no JSON object
   */
  public record Refusal(int status, String errcode, String message, ObjectNode body) {
    public boolean is(int ofStatus, String ofErrcode) {
      return status == ofStatus && errcode.equals(ofErrcode);
    }
  }

  private final Reason reason;
  private final transient Optional<Refusal> refusal;

  private FederationException(Reason reason, String message, Optional<Refusal> refusal) {
    super(message, null, false, false);
    this.reason = reason;
    this.refusal = refusal;
  }

  public FederationException(Reason reason, String message) {
    this(reason, message, Optional.empty());
  }

  public static FederationException refused(Refusal refusal) {
    String message = refusal.status() + " " + refusal.errcode() + ": " + refusal.message();
    return new FederationException(Reason.REFUSED, message, Optional.of(refusal));
  }

  public Reason reason() {
    return reason;
  }

  /** Present exactly with {@link Reason#REFUSED}. */
  public Optional<Refusal> refusal() {
    return refusal;
  }

  /** Whether the same request may succeed later: the other side was away or overloaded. */
  public boolean isTransient() {
    return switch (reason) {
      case UNREACHABLE, TIMEOUT -> true;
      case REFUSED -> refusal.filter(r -> r.status() >= 500 || r.status() == 429).isPresent();
      case DENIED, BAD_CERTIFICATE, BAD_RESPONSE -> false;
    };
  }
}
