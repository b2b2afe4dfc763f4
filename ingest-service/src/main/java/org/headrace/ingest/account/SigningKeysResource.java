package org.headrace.ingest.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.crypto.SignedKeys;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.http.Caller;
import org.headrace.http.Ids;
import org.headrace.http.JsonBody;
import org.headrace.http.MatrixError;
import org.headrace.http.Replies;
import org.headrace.ingest.client.Sizes;
import org.headrace.ingest.client.Writes;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.record.KeyPurpose;
import org.headrace.schema.record.KeySignature;

/** Uploads cross-signing keys, and signatures by them (client-server API, "Cross-signing"). */
@Path("/")
@RunOnVirtualThread
public class SigningKeysResource {
  /** Keys of one upload of signatures. */
  private static final int SIGNED_MAX = 1_000;

  private static final List<String> PURPOSES =
      List.of(KeyPurpose.MASTER, KeyPurpose.SELF_SIGNING, KeyPurpose.USER_SIGNING);

  @Inject Caller caller;
  @Inject AccountsView accounts;
  @Inject InteractiveAuth auth;
  @Inject SignatureChecks checks;
  @Inject Writes writes;

  @POST
  @Path("/_matrix/client/v3/keys/device_signing/upload")
  public Response upload(byte[] bytes) {
    UserId user = caller.user();
    JsonBody body = JsonBody.parse(bytes);
    Sizes.require(body.json(), Sizes.COMMAND_BYTES_MAX, "An upload of keys");
    SortedMap<String, ObjectNode> given = new TreeMap<>();
    for (String purpose : PURPOSES) {
      body.optionalObject(purpose + "_key")
          .ifPresent(key -> given.put(purpose, requireKey(key, purpose, user)));
    }
    SortedMap<String, ObjectNode> present = accounts.signingKeys(user);
    ObjectNode master = given.getOrDefault(KeyPurpose.MASTER, present.get(KeyPurpose.MASTER));
    if (master == null) {
      throw MatrixError.missingParam("master_key is missing");
    }
    given.forEach((purpose, key) -> requireSigned(key, purpose, master, user));
    boolean replaces =
        present.containsKey(KeyPurpose.MASTER)
            && given.entrySet().stream()
                .anyMatch(key -> !key.getValue().equals(present.get(key.getKey())));
    if (replaces) {
      auth.requirePassword(body, user);
    }
    if (!given.isEmpty()) {
      writes.submit(
          new AccountCommand.UploadSigningKeys(
              writes.newId(), writes.now(), user, given, replaces));
    }
    return Replies.empty();
  }

  @POST
  @Path("/_matrix/client/v3/keys/signatures/upload")
  public Response uploadSignatures(byte[] bytes) {
    UserId user = caller.user();
    JsonBody body = JsonBody.parse(bytes);
    Sizes.require(body.json(), Sizes.COMMAND_BYTES_MAX, "An upload of signatures");
    SignatureChecks.Checked checked = checks.of(user);
    int signed = 0;
    for (JsonBody.Member target : body.members()) {
      UserId owner = Ids.user(target.name());
      for (JsonBody.Member key : target.value().members()) {
        if (++signed > SIGNED_MAX) {
          throw MatrixError.invalidParam("Signatures of " + SIGNED_MAX + " keys at most");
        }
        checked.check(owner, key.name(), key.value().json());
      }
    }
    List<KeySignature> valid = checked.valid();
    if (!valid.isEmpty()) {
      writes.submit(new AccountCommand.UploadSignatures(writes.newId(), writes.now(), user, valid));
    }
    ObjectNode failures = Json.object();
    for (Map.Entry<UserId, ObjectNode> failed : checked.failures().entrySet()) {
      failures.set(failed.getKey().value(), failed.getValue());
    }
    return Replies.ok(Json.object().set("failures", failures));
  }

  private ObjectNode requireKey(JsonBody key, String purpose, UserId user) {
    if (!key.requireString("user_id").equals(user.value())) {
      throw MatrixError.invalidParam("the " + purpose + " key is another user's");
    }
    if (!key.strings("usage").contains(purpose)) {
      throw MatrixError.invalidParam("usage of the " + purpose + " key must name " + purpose);
    }
    key.requireObject("keys");
    String base64 =
        SignedKeys.publicKey(key.json())
            .orElseThrow(
                () ->
                    MatrixError.invalidParam(
                        "keys of the " + purpose + " key must be one Ed25519 key by its own name"));
    if (accounts.devices(user).stream().anyMatch(d -> d.device().value().equals(base64))) {
      throw MatrixError.forbidden("One of your devices has this key's name");
    }
    return key.json();
  }

  private static void requireSigned(
      ObjectNode key, String purpose, ObjectNode master, UserId user) {
    String by = SignedKeys.publicKey(master).orElseThrow();
    if (!purpose.equals(KeyPurpose.MASTER)
        && !SignedKeys.isSigned(key, user.value(), SignedKeys.keyId(by), by)) {
      throw new MatrixError(
          400, "M_INVALID_SIGNATURE", "The " + purpose + " key is not signed by the master key");
    }
  }
}
