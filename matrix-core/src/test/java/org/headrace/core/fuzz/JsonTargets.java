package org.headrace.core.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.AuthTypes;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.auth.ServerAcl;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.crypto.ServerKeys;
import org.headrace.core.event.EventFormat;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.EventVerification;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.PolicyServer;
import org.headrace.core.event.Redaction;
import org.headrace.core.event.StateKey;
import org.headrace.core.filter.InvalidFilterException;
import org.headrace.core.filter.SyncFilter;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.core.push.PushRules;
import org.headrace.core.roomversion.RoomVersion;
import org.jspecify.annotations.Nullable;

/** Whatever is read out of JSON from elsewhere. */
final class JsonTargets {
  private static final UserId ALICE = new UserId("@alice:a");
  private static final ServerName SERVER = new ServerName("a");

  private JsonTargets() {}

  static void canonicalJson(byte[] input) {
    JsonNode node;
    try {
      node = Json.parse(input);
    } catch (InvalidJsonException e) {
      return;
    }
    Checks.equal(Json.parse(Json.bytes(node)), node);
    byte[] lenient;
    try {
      lenient = CanonicalJson.encodeLenient(node);
    } catch (InvalidJsonException e) {
      return;
    }
    Checks.equal(
        new String(CanonicalJson.encodeLenient(Json.parse(lenient)), UTF_8),
        new String(lenient, UTF_8));
    try {
      CanonicalJson.requireCanonical(node);
    } catch (InvalidJsonException e) {
      return;
    }
    byte[] strict = CanonicalJson.encode(node);
    Checks.that(Arrays.equals(strict, lenient), "both forms agree on what is canonical");
    Checks.equal(Json.parse(strict), node);
  }

  /** The first byte chooses the room version. */
  static void pdu(byte[] input) {
    ObjectNode json = object(input, 1);
    RoomVersion version = version(input);
    if (json == null || EventFormat.check(json, version).isPresent()) {
      return;
    }
    Pdu event = EventHashes.pdu(json, version);
    ObjectNode redacted = Redaction.redact(json, version);
    Checks.equal(Redaction.redact(redacted, version), redacted);
    Checks.equal(EventHashes.eventId(redacted, version), event.id());
    EventSkeleton.Split split = EventSkeleton.split(json, version);
    Checks.equal(EventSkeleton.join(split.skeleton(), split.body()), json);
    Checks.equal(EventHashes.eventId(split.skeleton(), version), event.id());
    Checks.that(
        EventHashes.contentHashMatches(EventHashes.withContentHash(json, version), version),
        "a computed content hash matches");
    Checks.that(event.prevEvents().size() <= EventFormat.PREV_EVENTS_MAX, "prev_events are few");
    Checks.that(AuthTypes.forEvent(version, event).size() <= 6, "auth events are few");
    EventVerification.requiredSigners(json, version);
    EventVerification.authorisingServer(json, version);
    EventVerification.check(json, version, event.sender().server(), id -> Optional.empty());
    AuthRules.checkAuthEvents(version, event, List.of(), AuthEvidence.ofCreate(Optional.of(event)));
    Map<StateKey, Pdu> state = new TreeMap<>();
    event.stateKey().ifPresent(key -> state.put(new StateKey(event.type(), key), event));
    state.put(StateKey.CREATE, event);
    AuthRules.checkAgainst(
        version, event, AuthEvidence.ofCreate(Optional.of(event)), StateLookup.of(state));
  }

  /** {@code {"before": content, "after": content}}: may Alice make one of the other? */
  static void powerLevels(byte[] input) {
    ObjectNode json = object(input, 1);
    RoomVersion version = version(input);
    if (json == null
        || !(json.get("before") instanceof ObjectNode before)
        || !(json.get("after") instanceof ObjectNode after)) {
      return;
    }
    Map<StateKey, Pdu> state = new TreeMap<>();
    Pdu create = stateEvent("m.room.create", "", Json.object().put("creator", "@carol:c"));
    state.put(StateKey.CREATE, create);
    state.put(
        StateKey.member(ALICE.value()),
        stateEvent("m.room.member", ALICE.value(), Json.object().put("membership", "join")));
    state.put(StateKey.POWER_LEVELS, stateEvent("m.room.power_levels", "", before));
    StateLookup lookup = StateLookup.of(state);
    PowerLevels current = PowerLevels.of(version, lookup);
    Pdu change = stateEvent("m.room.power_levels", "", after);
    AuthResult result = AuthRules.check(version, change, lookup);
    PowerLevels next = PowerLevels.of(version, Optional.of(change), Optional.of(create));
    if (result.isAllowed()) {
      UserId bob = new UserId("@bob:b");
      Checks.that(
          next.userLevel(bob) <= Math.max(current.userLevel(ALICE), current.userLevel(bob)),
          "nobody gives more than they have");
    }
    next.invite();
    next.notification("room");
    next.required("m.room.name", true);
  }

  static void filter(byte[] input) {
    ObjectNode json = object(input, 0);
    if (json == null) {
      return;
    }
    try {
      SyncFilter filter = SyncFilter.parse(json);
      filter.matchesRoom(new RoomId("!r:a"));
      filter.timeline().matches(json);
      filter.state().matchesSender(ALICE.value());
    } catch (InvalidFilterException e) {
      Checks.that(!e.getMessage().isEmpty(), "an error says what is wrong");
    }
  }

  /** {@code {"rules": content, "event": event}}. */
  static void pushRules(byte[] input) {
    ObjectNode json = object(input, 0);
    if (json == null
        || !(json.get("rules") instanceof ObjectNode rules)
        || !(json.get("event") instanceof ObjectNode event)) {
      return;
    }
    PowerLevels levels = PowerLevels.of(RoomVersion.V11, Optional.empty(), Optional.empty());
    Optional<String> name = Optional.of(json.path("name").asText());
    PushRules.Outcome outcome =
        new PushRules(rules, ALICE).evaluate(event, new PushRules.Room(2, levels, name));
    Checks.that(outcome.ruleId().isPresent() || !outcome.notifies(), "only rules notify");
    Checks.that(outcome.highlight() || !outcome.highlight(), "a highlight is read");
  }

  /** Keys of a server, a room's policy server and its ACL. */
  static void keys(byte[] input) {
    ObjectNode json = object(input, 0);
    if (json == null) {
      return;
    }
    try {
      ServerKeys keys = ServerKeys.parse(json);
      keys.validAt("ed25519:1", 0, true, 0);
    } catch (InvalidJsonException e) {
      Checks.that(!e.getMessage().isEmpty(), "an error says what is wrong");
    }
    Optional<PolicyServer> policy = PolicyServer.of(json, server -> true);
    policy.ifPresent(server -> server.recommends(json, RoomVersion.V12));
    new ServerAcl(json).allows(SERVER);
  }

  private static Pdu stateEvent(String type, String stateKey, ObjectNode content) {
    ObjectNode json =
        Json.object().put("type", type).put("state_key", stateKey).put("sender", ALICE.value());
    json.set("content", content);
    json.putArray("prev_events");
    json.putArray("auth_events");
    // Room version 12 wants the room's id to be the create event's.
    return new Pdu(new EventId("$create"), new RoomId("!create"), json);
  }

  private static RoomVersion version(byte[] input) {
    List<RoomVersion> versions = RoomVersion.supportedStable();
    return versions.get(input.length == 0 ? 0 : Byte.toUnsignedInt(input[0]) % versions.size());
  }

  private static @Nullable ObjectNode object(byte[] input, int from) {
    try {
      return Json.parseObject(
          Arrays.copyOfRange(input, Math.min(from, input.length), input.length));
    } catch (InvalidJsonException e) {
      return null;
    }
  }
}
