package org.headrace.federation.signatures;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.keys.KeyNeed;
import org.headrace.federation.keys.KnownKeys;
import org.headrace.federation.keys.ServerKeys;
import org.headrace.federation.keys.VerifyKey;

/**
 * Whether events that came from elsewhere hold the signatures that their room version requires
 * (server-server API, "Validating hashes and signatures on received events"). All signatures of a
 * required server count whose keys are known and held at the event's time; unknown ones are passed
 * over, such as a policy server's.
 */
public final class PduSignatures {
  /** Signatures of one server on one event that are looked at; one with more is not believed. */
  static final int SIGNATURES_MAX = 20;

  private static final String POLICY_KEY_ID = "ed25519:policy_server";

  private final ServerKeys keys;

  /** What came of it. */
  public enum Verdict {
    /** Every required signature is there. */
    VALID,
    /** Those of its servers are; that of the user who authorises a restricted join is not. */
    NOT_AUTHORISED,
    /** A required server has not signed. */
    MISSING,
    /** A signature of a required server is wrong. */
    INVALID,
    /** No key of a required server is known that held at that time; that may change. */
    KEY_UNKNOWN
  }

  public PduSignatures(ServerKeys keys) {
    this.keys = keys;
  }

  /** Checks one event, whose format was checked; asks for keys that are needed and not known. */
  public Verdict verify(ObjectNode pdu, RoomVersion version) {
    return verifyAll(List.of(pdu), version).get(0);
  }

  /** Checks events of one room, in this order; each server is asked for its keys once at most. */
  public List<Verdict> verifyAll(List<ObjectNode> pdus, RoomVersion version) {
    List<Verdict> verdicts = new ArrayList<>(pdus.size());
    SortedMap<ServerName, KeyNeed> needs = new TreeMap<>();
    SortedMap<ServerName, KnownKeys> known = new TreeMap<>();
    Function<ServerName, KnownKeys> lookup = server -> known.computeIfAbsent(server, keys::known);
    for (ObjectNode pdu : pdus) {
      Verdict verdict = verdict(pdu, version, lookup, needs);
      verdicts.add(verdict);
    }
    if (!needs.isEmpty()) {
      known.putAll(keys.ofAll(needs));
      for (int i = 0; i < pdus.size(); i++) {
        if (verdicts.get(i) == Verdict.KEY_UNKNOWN || verdicts.get(i) == Verdict.NOT_AUTHORISED) {
          verdicts.set(i, verdict(pdus.get(i), version, lookup, new TreeMap<>()));
        }
      }
    }
    return List.copyOf(verdicts);
  }

  private static Verdict verdict(
      ObjectNode pdu,
      RoomVersion version,
      Function<ServerName, KnownKeys> known,
      SortedMap<ServerName, KeyNeed> needs) {
    try {
      Verdict worst = Verdict.VALID;
      for (ServerName signer : RequiredSigners.of(pdu, version)) {
        Verdict verdict = ofSigner(pdu, version, signer, known, needs);
        worst = worst == Verdict.VALID || verdict == Verdict.INVALID ? verdict : worst;
      }
      var authorising = RequiredSigners.authorising(pdu, version);
      if (worst == Verdict.VALID
          && authorising.isPresent()
          && ofSigner(pdu, version, authorising.get(), known, needs) != Verdict.VALID) {
        return Verdict.NOT_AUTHORISED;
      }
      return worst;
    } catch (InvalidIdException | InvalidJsonException e) {
      return Verdict.INVALID;
    }
  }

  private static Verdict ofSigner(
      ObjectNode pdu,
      RoomVersion version,
      ServerName signer,
      Function<ServerName, KnownKeys> known,
      SortedMap<ServerName, KeyNeed> needs) {
    SortedSet<String> ids = keyIds(pdu, signer);
    if (ids.isEmpty()) {
      return Verdict.MISSING;
    }
    if (ids.size() > SIGNATURES_MAX) {
      return Verdict.INVALID;
    }
    long madeMillis = pdu.path("origin_server_ts").asLong();
    boolean enforcesValidity = version.events().keyValidity();
    boolean verified = false;
    for (String id : ids) {
      var key = known.apply(signer).find(id, madeMillis, enforcesValidity).map(VerifyKey::bytes);
      if (key.isPresent()) {
        if (!EventSignatures.verify(pdu, version, signer, id, key.get())) {
          return Verdict.INVALID;
        }
        verified = true;
      }
    }
    if (verified) {
      return Verdict.VALID;
    }
    needs.merge(signer, new KeyNeed(ids, madeMillis, enforcesValidity), KeyNeed::and);
    return Verdict.KEY_UNKNOWN;
  }

  private static SortedSet<String> keyIds(ObjectNode pdu, ServerName signer) {
    SortedSet<String> ids = new TreeSet<>();
    for (var signature : pdu.path("signatures").path(signer.value()).properties()) {
      if (VerifyKey.isKeyId(signature.getKey()) && !signature.getKey().equals(POLICY_KEY_ID)) {
        ids.add(signature.getKey());
      }
    }
    return ids;
  }
}
