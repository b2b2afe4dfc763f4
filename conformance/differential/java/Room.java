package org.headrace.differential;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.headrace.core.auth.AuthEvent;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.EventHashes;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.json.UnpaddedBase64;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.core.stateres.EventSource;
import org.headrace.core.stateres.StateResolution;

/**
 * One room: its events, the states before and after each as Headrace resolves them, and whether
 * each was rejected on receipt. Events are unsigned and otherwise what a server would send.
 */
final class Room implements EventSource {
  /** What the rules say: about the list of auth events, against these, against the state before. */
  record Verdicts(boolean selection, boolean authEvents, boolean before) {
    boolean accepted() {
      return selection && authEvents && before;
    }
  }

  /** An event that is not in the room yet. */
  record Draft(
      UserId sender,
      String type,
      Optional<String> stateKey,
      ObjectNode content,
      List<EventId> prevEvents,
      List<EventId> authEvents,
      long depth,
      long time,
      Optional<String> redacts) {}

  final RoomVersion version;
  final List<Pdu> events = new ArrayList<>();
  final List<Verdicts> verdicts = new ArrayList<>();

  /** Sets of events whose states after them are to be resolved. */
  final List<List<EventId>> forks = new ArrayList<>();

  private final Map<EventId, Integer> indexes = new LinkedHashMap<>();
  private final List<SortedMap<StateKey, EventId>> before = new ArrayList<>();
  private final List<SortedMap<StateKey, EventId>> after = new ArrayList<>();

  Room(RoomVersion version) {
    this.version = version;
  }

  Pdu create() {
    return events.getFirst();
  }

  @Override
  public Pdu event(EventId id) {
    return events.get(index(id));
  }

  @Override
  public boolean isRejected(EventId id) {
    return !verdicts.get(index(id)).accepted();
  }

  @Override
  public long order(EventId id) {
    return index(id) + 1L;
  }

  int index(EventId id) {
    Integer index = indexes.get(id);
    if (index == null) {
      throw new IllegalStateException("no event " + id);
    }
    return index;
  }

  boolean isAccepted(int index) {
    return verdicts.get(index).accepted();
  }

  SortedMap<StateKey, EventId> stateBefore(int index) {
    return before.get(index);
  }

  SortedMap<StateKey, EventId> stateAfter(EventId id) {
    return after.get(index(id));
  }

  SortedMap<StateKey, EventId> resolve(List<EventId> tips) {
    List<SortedMap<StateKey, EventId>> states = tips.stream().map(this::stateAfter).toList();
    return states.size() == 1 ? states.getFirst() : StateResolution.resolve(version, states, this);
  }

  StateLookup lookup(SortedMap<StateKey, EventId> state) {
    return key -> Optional.ofNullable(state.get(key)).map(this::event);
  }

  /** What the rules say to a draft; its id is made up, and no rule reads the id of a new event. */
  Verdicts judge(Draft draft, SortedMap<StateKey, EventId> state) {
    return judge(new Pdu(new EventId("$draft:" + draft.sender().server()), roomId(), json(draft)), state);
  }

  private Verdicts judge(Pdu event, SortedMap<StateKey, EventId> state) {
    Optional<Pdu> create = events.isEmpty() ? Optional.empty() : Optional.of(create());
    AuthEvidence evidence = AuthEvidence.ofCreate(create);
    List<AuthEvent> authEvents = new ArrayList<>();
    SortedMap<StateKey, EventId> authState = new TreeMap<>();
    for (EventId id : event.authEvents()) {
      authEvents.add(new AuthEvent(event(id), isRejected(id)));
      event(id).stateKey().ifPresent(key -> authState.put(new StateKey(event(id).type(), key), id));
    }
    return new Verdicts(
        AuthRules.checkAuthEvents(version, event, authEvents, evidence).isAllowed(),
        AuthRules.checkAgainst(version, event, evidence, lookup(authState)).isAllowed(),
        AuthRules.checkAgainst(version, event, evidence, lookup(state)).isAllowed());
  }

  private org.headrace.core.id.RoomId roomId() {
    return create().roomId();
  }

  void addCreate(UserId creator, ObjectNode content, long time) {
    ObjectNode json = Json.object();
    json.put("type", "m.room.create");
    json.put("sender", creator.value());
    json.put("state_key", "");
    json.set("content", content);
    json.put("depth", 1);
    json.put("origin_server_ts", time);
    json.putArray("prev_events");
    json.putArray("auth_events");
    if (!version.events().roomIdFromCreate()) {
      json.put("room_id", "!room:" + creator.server());
    }
    if (version.events().idGiven()) {
      json.put("event_id", "$0:" + creator.server());
    }
    keep(EventHashes.pdu(EventHashes.withContentHash(json, version), version), new TreeMap<>());
  }

  /** Keeps an event, accepted or rejected as the rules say. */
  void add(Draft draft, SortedMap<StateKey, EventId> state) {
    ObjectNode json = json(draft);
    if (version.events().idGiven()) {
      json.put("event_id", "$" + events.size() + ":" + draft.sender().server());
    }
    Pdu event = EventHashes.pdu(EventHashes.withContentHash(json, version), version);
    if (!indexes.containsKey(event.id())) {
      keep(event, state);
    }
  }

  private void keep(Pdu event, SortedMap<StateKey, EventId> state) {
    Verdicts verdict = judge(event, state);
    indexes.put(event.id(), events.size());
    events.add(event);
    verdicts.add(verdict);
    before.add(state);
    SortedMap<StateKey, EventId> next = state;
    if (verdict.accepted() && event.isState()) {
      next = new TreeMap<>(state);
      next.put(new StateKey(event.type(), event.stateKey().orElseThrow()), event.id());
    }
    after.add(next);
  }

  private ObjectNode json(Draft draft) {
    ObjectNode json = Json.object();
    json.put("type", draft.type());
    json.put("sender", draft.sender().value());
    json.put("room_id", roomId().value());
    draft.stateKey().ifPresent(key -> json.put("state_key", key));
    json.set("content", draft.content());
    json.put("depth", draft.depth());
    json.put("origin_server_ts", draft.time());
    json.set("prev_events", references(draft.prevEvents()));
    json.set("auth_events", references(draft.authEvents()));
    draft.redacts().ifPresent(target -> json.put("redacts", target));
    return json;
  }

  /** Ids, or in versions 1 and 2 pairs of id and hash; nobody here reads the hash. */
  private ArrayNode references(List<EventId> ids) {
    ArrayNode references = Json.MAPPER.createArrayNode();
    for (EventId id : ids) {
      if (version.events().idGiven()) {
        ArrayNode pair = references.addArray();
        pair.add(id.value());
        pair.addObject().put("sha256", UnpaddedBase64.encode(new byte[32]));
      } else {
        references.add(id.value());
      }
    }
    return references;
  }
}
