package org.headrace.api;

import org.headrace.federation.net.FederationException;
import org.headrace.http.MatrixError;

/** What clients are told when another server gave no answer that can be used. */
public final class RemoteFailures {
  private RemoteFailures() {}

  public static MatrixError of(FederationException failure) {
    return switch (failure.reason()) {
      case DENIED -> denied();
      case TIMEOUT, UNREACHABLE ->
          new MatrixError(504, "M_UNKNOWN", "The other server cannot be reached");
      case BAD_CERTIFICATE, BAD_RESPONSE ->
          new MatrixError(502, "M_UNKNOWN", "The other server gave no answer that can be used");
      case REFUSED ->
          failure
              .refusal()
              .map(
                  refusal ->
                      switch (refusal.status()) {
                        case 403 -> MatrixError.forbidden("The other server forbids it");
                        case 404 -> MatrixError.notFound("The other server knows nothing of it");
                        default ->
                            new MatrixError(502, "M_UNKNOWN", "The other server refused to answer");
                      })
              .orElseThrow();
    };
  }

  /** The tenant's policy does not let it speak with the server. */
  public static MatrixError denied() {
    return MatrixError.forbidden("This server does not speak to the other one");
  }
}
