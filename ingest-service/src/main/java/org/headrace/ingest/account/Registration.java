package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.push.DefaultPushRules;
import org.headrace.http.MatrixError;
import org.headrace.ingest.client.RandomIds;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.log.publish.CommandLog;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.jspecify.annotations.Nullable;

/** Makes accounts, for the register endpoint and the command line. */
@ApplicationScoped
public class Registration {
  private static final int GENERATED_CHARS = 12;

  @Inject AccountsView accounts;
  @Inject PasswordHasher hasher;
  @Inject RandomSource random;
  @Inject Writes writes;

  /** The user id of this name: M_INVALID_USERNAME if it breaks the grammar. */
  public static UserId userId(String localpart, ServerName server) {
    try {
      UserId user = UserId.of(localpart, server);
      if (user.localpart().equals(localpart) && user.isStrict()) {
        return user;
      }
    } catch (InvalidIdException e) {
      throw invalidUsername();
    }
    throw invalidUsername();
  }

  /** A user id that nobody has, most likely. */
  public UserId generatedUserId(ServerName server) {
    return UserId.of(RandomIds.lower(random, GENERATED_CHARS), server);
  }

  /** Throws M_USER_IN_USE, as far as the view knows. */
  public void requireFree(UserId user) {
    if (accounts.account(user).isPresent()) {
      throw new MatrixError(400, "M_USER_IN_USE", "This user name is taken");
    }
  }

  /** Makes the account; throws M_USER_IN_USE, M_WEAK_PASSWORD or M_INVALID_PARAM. */
  public void register(
      UserId user, String password, boolean admin, AccountCommand.@Nullable Session session) {
    requireAcceptable(password);
    requireFree(user);
    String hash = hasher.hash(password);
    writes.submit(
        command(writes.newId(), writes.now(), user, hash, admin, session), CommandLog.WAIT_LONG);
  }

  /** Throws M_WEAK_PASSWORD or M_INVALID_PARAM. */
  public static void requireAcceptable(String password) {
    if (password.isEmpty()) {
      throw new MatrixError(400, "M_WEAK_PASSWORD", "A password may not be empty");
    }
    if (password.getBytes(StandardCharsets.UTF_8).length > Sizes.PASSWORD_BYTES_MAX) {
      throw MatrixError.invalidParam(
          "A password may have " + Sizes.PASSWORD_BYTES_MAX + " bytes at most");
    }
  }

  /** The command that makes an account, with what every account starts with. */
  public static AccountCommand.Register command(
      String id,
      long ts,
      UserId user,
      String passwordHash,
      boolean admin,
      AccountCommand.@Nullable Session session) {
    SortedMap<String, ObjectNode> data = new TreeMap<>();
    data.put("m.push_rules", DefaultPushRules.forUser(user));
    return new AccountCommand.Register(id, ts, user, passwordHash, admin, session, data);
  }

  private static MatrixError invalidUsername() {
    return new MatrixError(
        400,
        "M_INVALID_USERNAME",
        "A user name has the characters a-z, 0-9 and ._=-/+ only, and is not too long");
  }
}
