package org.headrace.ingest.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.headrace.core.id.ServerName;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Refusal;
import org.headrace.http.MatrixError;

/** What servers answered to the same question, one after the other; what a client is told of it. */
final class Attempts {
  /** What a server says of our request and not of the room: a client cannot do better (5xx). */
  private static final Set<String> OURS =
      Set.of("M_MISSING_PARAM", "M_INVALID_PARAM", "M_BAD_JSON", "M_NOT_JSON", "M_UNRECOGNIZED");

  private final List<FederationException> failures = new ArrayList<>();
  private final List<String> reasons = new ArrayList<>();

  void add(ServerName server, FederationException failure) {
    failures.add(failure);
    reasons.add(server + ": " + failure.getMessage());
  }

  boolean isEmpty() {
    return failures.isEmpty();
  }

  /**
   * The refusal that tells most: that the user may not, that there is no such room, another one
   * that is about the room; else 502, for servers that did not answer.
   */
  MatrixError error() {
    return withStatus(403)
        .or(() -> withStatus(404))
        .or(() -> withStatus(400))
        .or(() -> withStatus(429))
        .orElseGet(
            () ->
                new MatrixError(
                    502, "M_UNKNOWN", "No server could be asked: " + String.join("; ", reasons)));
  }

  private Optional<MatrixError> withStatus(int status) {
    return failures.stream()
        .flatMap(failure -> failure.refusal().stream())
        .filter(refusal -> refusal.status() == status && !OURS.contains(refusal.errcode()))
        .findFirst()
        .map(Attempts::passedOn);
  }

  private static MatrixError passedOn(Refusal refusal) {
    String message = refusal.message().isEmpty() ? "The room's server refused" : refusal.message();
    MatrixError error = new MatrixError(refusal.status(), refusal.errcode(), message);
    for (String member : List.of("room_version", "retry_after_ms")) {
      if (refusal.body().has(member)) {
        error = error.with(member, refusal.body().get(member));
      }
    }
    return error;
  }
}
