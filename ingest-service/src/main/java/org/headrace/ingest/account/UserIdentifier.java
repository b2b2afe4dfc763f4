package org.headrace.ingest.account;

import java.util.Optional;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;

/** Whom a login names: {@code identifier} of type m.id.user, or the deprecated {@code user}. */
final class UserIdentifier {
  private UserIdentifier() {}

  /** The name, a user id or its localpart; other identifier types are M_UNKNOWN (400). */
  static Optional<String> of(JsonBody body) {
    Optional<JsonBody> identifier = body.optionalObject("identifier");
    if (identifier.isEmpty()) {
      return body.optionalString("user");
    }
    if (!identifier.get().requireString("type").equals("m.id.user")) {
      throw new MatrixError(400, "M_UNKNOWN", "Only identifiers of type m.id.user are supported");
    }
    return Optional.of(identifier.get().requireString("user"));
  }

  /** The user id that a name means on this server. */
  static UserId resolve(String name, ServerName server) {
    return name.startsWith("@") ? new UserId(name) : UserId.of(name, server);
  }
}
