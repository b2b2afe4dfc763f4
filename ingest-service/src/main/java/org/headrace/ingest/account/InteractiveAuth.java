package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.RandomIds;
import org.headrace.ingest.client.RandomSource;
import org.jspecify.annotations.Nullable;

/**
 * User-interactive authentication (client-server API). Each flow has one stage, so a session need
 * not be remembered: services stay stateless.
 */
@ApplicationScoped
public class InteractiveAuth {
  static final String DUMMY = "m.login.dummy";
  static final String PASSWORD = "m.login.password";

  private static final int SESSION_CHARS = 24;

  @Inject RandomSource random;
  @Inject Passwords passwords;

  /** Throws the 401 that asks for {@code m.login.dummy}, unless the body's auth has it. */
  public void requireDummy(JsonBody body) {
    if (!stage(body, DUMMY).isPresent()) {
      throw challenge(DUMMY, null);
    }
  }

  /**
   * Throws the 401 that asks for {@code m.login.password}, unless the body's auth has the user's.
   */
  public void requirePassword(JsonBody body, UserId user) {
    JsonBody auth = stage(body, PASSWORD).orElseThrow(() -> challenge(PASSWORD, null));
    String password = auth.requireString("password");
    if (!isSameUser(auth, user) || passwords.check(user, password).isEmpty()) {
      throw challenge(PASSWORD, "The password is not that of this user");
    }
  }

  private static Optional<JsonBody> stage(JsonBody body, String type) {
    return body.optionalObject("auth")
        .filter(auth -> auth.optionalString("type").map(type::equals).orElse(false));
  }

  private static boolean isSameUser(JsonBody auth, UserId user) {
    try {
      return UserIdentifier.of(auth)
          .map(name -> UserIdentifier.resolve(name, user.server()))
          .map(user::equals)
          .orElse(true);
    } catch (InvalidIdException e) {
      return false;
    }
  }

  private MatrixError challenge(String type, @Nullable String failure) {
    ObjectNode flow = Json.object();
    flow.putArray("stages").add(type);
    MatrixError error =
        new MatrixError(
                401,
                "M_FORBIDDEN",
                failure == null ? "Authentication is needed: complete one of the flows" : failure)
            .with("flows", Json.MAPPER.createArrayNode().add(flow))
            .with("params", Json.object())
            .with("completed", Json.MAPPER.createArrayNode())
            .with("session", RandomIds.letters(random, SESSION_CHARS));
    return failure == null ? error.without("errcode").without("error") : error;
  }
}
