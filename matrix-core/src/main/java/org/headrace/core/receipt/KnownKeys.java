package org.headrace.core.receipt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.crypto.ServerKeys;
import org.headrace.core.event.EventVerification;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.roomversion.RoomVersion;

/** Answers of key servers that were kept, and the check of events against them. */
public final class KnownKeys implements SignatureVerifier {
  /** Nobody knows when they came, so what they claim of their validity is believed. */
  private static final long FETCHED_MILLIS = Long.MAX_VALUE;

  private final SortedMap<ServerName, List<ServerKeys>> answers = new TreeMap<>();

  /**
   * Adds what a server answers to {@code GET /_matrix/key/v2/server}, what a notary answers to
   * {@code /_matrix/key/v2/query} ({@code server_keys}), or a list of the former. Throws {@link
   * InvalidJsonException} if it is none of these.
   */
  public void add(JsonNode published) {
    if (published.isArray() || published.path("server_keys").isArray()) {
      for (JsonNode entry : published.isArray() ? published : published.path("server_keys")) {
        add(entry);
      }
    } else if (published instanceof ObjectNode answer) {
      ServerKeys keys = ServerKeys.parse(answer);
      answers.computeIfAbsent(keys.server(), unseen -> new ArrayList<>()).add(keys);
    } else {
      throw new InvalidJsonException("keys must be an object");
    }
  }

  @Override
  public SignatureCheck check(ObjectNode pdu, RoomVersion version) {
    return check(pdu, version, EventVerification.requiredSigners(pdu, version));
  }

  @Override
  public SignatureCheck checkAuthoriser(ObjectNode pdu, RoomVersion version) {
    Optional<ServerName> authoriser = EventVerification.authorisingServer(pdu, version);
    return check(pdu, version, authoriser.stream().toList());
  }

  private SignatureCheck check(
      ObjectNode pdu, RoomVersion version, Collection<ServerName> signers) {
    SignatureCheck all = SignatureCheck.VALID;
    for (ServerName signer : signers) {
      List<ServerKeys> keys = answers.getOrDefault(signer, List.of());
      switch (EventVerification.check(pdu, version, signer, lookup(pdu, version, keys))) {
        case VALID -> {}
        case KEY_UNKNOWN -> all = SignatureCheck.UNCHECKED;
        case MISSING, INVALID -> {
          return SignatureCheck.INVALID;
        }
      }
    }
    return all;
  }

  /** A key as any of the answers has it at the event's time. */
  private static EventVerification.KeyLookup lookup(
      ObjectNode pdu, RoomVersion version, List<ServerKeys> answers) {
    return id ->
        answers.stream()
            .map(keys -> EventVerification.keysFor(pdu, version, keys, FETCHED_MILLIS).find(id))
            .flatMap(Optional::stream)
            .findFirst();
  }
}
