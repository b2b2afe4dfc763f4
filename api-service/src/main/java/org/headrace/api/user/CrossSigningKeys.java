package org.headrace.api.user;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.id.UserId;
import org.headrace.http.SignedKeys;
import org.headrace.projections.view.AccountsView;
import org.headrace.schema.record.KeySignature;

/** Cross-signing keys, and the signatures that users' keys have made. */
@Singleton
public class CrossSigningKeys {
  private final AccountsView accounts;

  @Inject
  public CrossSigningKeys(AccountsView accounts) {
    this.accounts = accounts;
  }

  /** A user's key of this purpose, with the signatures of the user's own keys. */
  public Optional<ObjectNode> of(UserId user, String purpose) {
    return Optional.ofNullable(accounts.signingKeys(user).get(purpose))
        .map(key -> signed(key, user, user));
  }

  /** A cross-signing key with what the signer's keys have signed of it. */
  ObjectNode signed(ObjectNode key, UserId signer, UserId owner) {
    return SignedKeys.publicKey(key)
        .map(name -> withSignatures(key, name, signer, accounts.signatures(signer, owner)))
        .orElse(key);
  }

  /**
   * The key with those signatures that are of it, as it is now.
   *
   * @param name what the key is found by: a device id, or a cross-signing key's base64
   */
  static ObjectNode withSignatures(
      ObjectNode key, String name, UserId signer, List<KeySignature> signatures) {
    ObjectNode signed = key;
    if (signatures.stream().anyMatch(signature -> signature.keyId().equals(name))) {
      Optional<String> hash = SignedKeys.hash(key);
      for (KeySignature each : signatures) {
        if (each.keyId().equals(name) && hash.map(each.signed()::equals).orElse(false)) {
          signed =
              JsonSigner.withSignature(signed, signer.value(), each.signer(), each.signature());
        }
      }
    }
    return signed;
  }
}
