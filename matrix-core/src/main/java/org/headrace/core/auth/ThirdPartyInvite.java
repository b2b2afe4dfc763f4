package org.headrace.core.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.UnpaddedBase64;

/**
 * The proof that a user owns a third-party identifier that was invited (server-server API,
 * "Third-party invites"; auth rules 5.4.1.7 and 5.4.1.8).
 */
public final class ThirdPartyInvite {
  /** Bounds the signature checks that one event can ask for. */
  public static final int CHECKS_MAX = 64;

  private ThirdPartyInvite() {}

  /**
   * Whether one of the signatures was made with one of the room's keys for the invite.
   *
   * @param signed {@code third_party_invite.signed} of the member event, whatever its signers
   * @param inviteContent the content of the {@code m.room.third_party_invite} of its token, with
   *     {@code public_key} and {@code public_keys}
   */
  public static boolean isSigned(ObjectNode signed, ObjectNode inviteContent) {
    List<byte[]> keys = publicKeys(inviteContent);
    int checks = 0;
    for (Map.Entry<String, JsonNode> server : signed.path("signatures").properties()) {
      for (Map.Entry<String, JsonNode> signature : server.getValue().properties()) {
        for (byte[] key : keys) {
          if (++checks > CHECKS_MAX) {
            return false;
          }
          if (JsonSigner.verify(signed, server.getKey(), signature.getKey(), key)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static List<byte[]> publicKeys(ObjectNode inviteContent) {
    List<byte[]> keys = new ArrayList<>();
    addKey(inviteContent.path("public_key"), keys);
    for (JsonNode entry : inviteContent.path("public_keys")) {
      addKey(entry.path("public_key"), keys);
    }
    return keys;
  }

  private static void addKey(JsonNode key, List<byte[]> keys) {
    if (key.isTextual()) {
      try {
        keys.add(UnpaddedBase64.decode(key.textValue()));
      } catch (InvalidJsonException e) {
        // A key that is none matches no signature.
      }
    }
  }
}
