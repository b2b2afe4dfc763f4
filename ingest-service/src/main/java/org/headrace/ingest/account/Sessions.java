package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.AccessTokens;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.ingest.client.RandomIds;
import org.headrace.ingest.client.RandomSource;
import org.headrace.ingest.client.Sizes;
import org.headrace.schema.command.AccountCommand;

/** Mints access tokens for devices; only their hashes go into commands. */
@ApplicationScoped
public class Sessions {
  private static final int DEVICE_ID_CHARS = 10;

  @Inject RandomSource random;

  /** A device's new session, with the token that only the client gets. */
  public record Minted(AccountCommand.Session session, String token) {
    /** The response of register and login. */
    public ObjectNode response(UserId user) {
      return Json.object()
          .put("user_id", user.value())
          .put("access_token", token)
          .put("device_id", session.device().value());
    }
  }

  /** The device that {@code device_id} and {@code initial_device_display_name} ask for. */
  public Minted mint(JsonBody body) {
    Optional<DeviceId> asked = body.optionalString("device_id").map(Ids::device);
    String name =
        body.optionalString("initial_device_display_name", Sizes.DEVICE_NAME_BYTES_MAX)
            .orElse(null);
    DeviceId device = asked.orElseGet(() -> new DeviceId(RandomIds.upper(random, DEVICE_ID_CHARS)));
    String token = AccessTokens.of(random.bytes(AccessTokens.TOKEN_BYTES));
    return new Minted(new AccountCommand.Session(device, AccessTokens.hash(token), name), token);
  }
}
