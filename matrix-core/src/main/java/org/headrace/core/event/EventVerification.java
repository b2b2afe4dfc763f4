package org.headrace.core.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.crypto.ServerKeys;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.RoomVersion;

/**
 * Whose signatures an event must hold, and whether it does (server-server API, "Validating hashes
 * and signatures on received events"). Keys come as arguments; the event's format must have been
 * checked.
 */
public final class EventVerification {
  /** What came of looking for one server's signature. */
  public enum Outcome {
    /** One or more signatures with known keys, and all of them valid. */
    VALID,
    /** No signature of this server that could be understood. */
    MISSING,
    /** None of the keys is known, or was valid at the event's time. */
    KEY_UNKNOWN,
    /** A signature with a known key is wrong. */
    INVALID
  }

  /** The signer's keys, as valid at the event's time. */
  @FunctionalInterface
  public interface KeyLookup {
    Optional<ServerKeys.PublicKey> find(String keyId);
  }

  private EventVerification() {}

  /**
   * The servers without whose valid signature the event is dropped: the sender's, in room versions
   * 1 and 2 the event id's too. An invite that accepts a third-party invite may be sent by another
   * server than its sender's, so it needs none of that one.
   */
  public static SortedSet<ServerName> requiredSigners(ObjectNode pdu, RoomVersion version) {
    SortedSet<ServerName> signers = new TreeSet<>();
    if (!isThirdPartyInvite(pdu)) {
      signers.add(new UserId(pdu.path("sender").asText()).server());
    }
    if (version.events().idGiven()) {
      new EventId(pdu.path("event_id").asText()).server().ifPresent(signers::add);
    }
    return signers;
  }

  /**
   * The server of the user who authorises a restricted join, if the event names one. An event that
   * it has not signed is rejected by auth rule 5.2, and not dropped.
   */
  public static Optional<ServerName> authorisingServer(ObjectNode pdu, RoomVersion version) {
    JsonNode user = pdu.path("content").path("join_authorised_via_users_server");
    if (!version.auth().restrictedJoin()
        || !pdu.path("type").asText().equals("m.room.member")
        || !user.isTextual()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new UserId(user.textValue()).server());
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }

  /** The ids of the Ed25519 keys with which the event claims to be signed by this server. */
  public static SortedSet<String> keyIds(ObjectNode pdu, ServerName signer) {
    SortedSet<String> ids = new TreeSet<>();
    for (var signature : pdu.path("signatures").path(signer.value()).properties()) {
      if (ServerKeys.isKeyId(signature.getKey())) {
        ids.add(signature.getKey());
      }
    }
    return ids;
  }

  /**
   * Checks all signatures of one server. Those with unknown keys are passed over, such as a policy
   * server's; of the others none may be wrong.
   */
  public static Outcome check(
      ObjectNode pdu, RoomVersion version, ServerName signer, KeyLookup keys) {
    SortedSet<String> ids = keyIds(pdu, signer);
    if (ids.isEmpty()) {
      return Outcome.MISSING;
    }
    boolean verified = false;
    for (String id : ids) {
      Optional<ServerKeys.PublicKey> key = keys.find(id);
      if (key.isPresent()) {
        if (!EventSignatures.verify(pdu, version, signer, id, key.get().bytes())) {
          return Outcome.INVALID;
        }
        verified = true;
      }
    }
    return verified ? Outcome.VALID : Outcome.KEY_UNKNOWN;
  }

  /** The keys of a server's answer as they were valid when the event says that it was made. */
  public static KeyLookup keysFor(
      ObjectNode pdu, RoomVersion version, ServerKeys keys, long fetchedMillis) {
    long atMillis = pdu.path("origin_server_ts").asLong();
    boolean enforces = version.events().keyValidity();
    return id -> keys.validAt(id, atMillis, enforces, fetchedMillis);
  }

  private static boolean isThirdPartyInvite(ObjectNode pdu) {
    JsonNode content = pdu.path("content");
    return pdu.path("type").asText().equals("m.room.member")
        && content.path("membership").asText().equals("invite")
        && content.has("third_party_invite");
  }
}
