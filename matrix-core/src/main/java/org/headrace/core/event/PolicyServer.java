package org.headrace.core.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Predicate;
import org.headrace.core.crypto.JsonSigner;
import org.headrace.core.crypto.ServerKeys;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.roomversion.RoomVersion;

/**
 * The server that recommends events for a room, with the key that the room's {@code m.room.policy}
 * gives it (server-server API, "Policy Servers"). What it does not recommend is soft-failed, or not
 * sent at all; it never decides what is authorised.
 *
 * @param via the policy server's name
 * @param key its key for recommendations, which is not one that it publishes; none if what the room
 *     gives is no key, so that nothing is recommended
 */
public record PolicyServer(ServerName via, Optional<ServerKeys.PublicKey> key) {
  /** The only key id that there is for recommendations. */
  public static final String KEY_ID = "ed25519:policy_server";

  /** The event that names a room's policy server. */
  public static final StateKey STATE_KEY = new StateKey("m.room.policy", "");

  /**
   * The room's policy server, if it uses one.
   *
   * @param content the content of the current {@code m.room.policy} with an empty state key
   * @param hasJoinedUser whether a user of this server is joined in the room's current state
   */
  public static Optional<PolicyServer> of(ObjectNode content, Predicate<ServerName> hasJoinedUser) {
    JsonNode via = content.path("via");
    JsonNode key = content.path("public_keys").path("ed25519");
    if (!via.isTextual() || !key.isTextual()) {
      return Optional.empty();
    }
    ServerName server;
    try {
      server = new ServerName(via.textValue());
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
    return hasJoinedUser.test(server)
        ? Optional.of(new PolicyServer(server, parse(key.textValue())))
        : Optional.empty();
  }

  /** Whether the event is never shown to a policy server: the one that sets it. */
  public static boolean isExempt(ObjectNode pdu) {
    return pdu.path("type").asText().equals(STATE_KEY.type())
        && pdu.has("state_key")
        && pdu.path("state_key").asText().equals(STATE_KEY.stateKey());
  }

  /** Whether the event may be shown: exempt, or validly signed by this policy server. */
  public boolean recommends(ObjectNode pdu, RoomVersion version) {
    return isExempt(pdu) || isSigned(pdu, version);
  }

  /**
   * A copy of the event with the signature that the policy server answered; nothing if the answer
   * holds none that is valid. Signatures that the event has are kept.
   *
   * @param answer {@code {server: {key id: signature}}}, the answer of {@code /policy/v1/sign}
   */
  public Optional<ObjectNode> withRecommendation(
      ObjectNode pdu, RoomVersion version, ObjectNode answer) {
    JsonNode signature = answer.path(via.value()).path(KEY_ID);
    if (!signature.isTextual()) {
      return Optional.empty();
    }
    ObjectNode signed = JsonSigner.withSignature(pdu, via.value(), KEY_ID, signature.textValue());
    return isSigned(signed, version) ? Optional.of(signed) : Optional.empty();
  }

  private boolean isSigned(ObjectNode pdu, RoomVersion version) {
    return key.filter(k -> EventSignatures.verify(pdu, version, via, KEY_ID, k.bytes()))
        .isPresent();
  }

  private static Optional<ServerKeys.PublicKey> parse(String base64) {
    try {
      return Optional.of(ServerKeys.PublicKey.ofBase64(base64));
    } catch (InvalidJsonException e) {
      return Optional.empty();
    }
  }
}
