package org.headrace.differential;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;

/**
 * Differences that README.md explains, by the names it gives them. Each says of one event, in one
 * state, that the peer judges it otherwise; a resolution is explained if it has such an event.
 */
final class KnownDifference {
  /** The levels that hold where a power levels event says nothing. */
  private static final Map<String, Long> LEVELS =
      new TreeMap<>(
          Map.of(
              "users_default", 0L,
              "events_default", 0L,
              "state_default", 50L,
              "ban", 50L,
              "redact", 50L,
              "kick", 50L,
              "invite", 0L));

  private final String peer;
  private final Room room;

  private KnownDifference(String peer, Room room) {
    this.peer = peer;
    this.room = room;
  }

  /** The name under which README.md explains this difference, if it does. */
  static Optional<String> explain(String peer, Difference difference) {
    Question question = difference.question();
    KnownDifference known = new KnownDifference(peer, question.room());
    if (difference.what().equals("resolution")) {
      return known.inResolution(question);
    }
    int index = question.judged().getFirst();
    Pdu event = question.room().events.get(index);
    Collection<EventId> state =
        difference.what().equals("auth")
            ? event.authEvents()
            : question.room().stateBefore(index).values();
    return known.of(event, known.byKey(state));
  }

  /** The rules may have asked any event of the resolution about any other. */
  private Optional<String> inResolution(Question question) {
    if (peer.startsWith("gomatrixserverlib") && thirdPartyInvitesConflict(question)) {
      return Optional.of("third-party-invite-pass");
    }
    List<Pdu> events = question.needed().stream().map(room.events::get).toList();
    for (Pdu event : events) {
      SortedMap<StateKey, Pdu> own = byKey(event.authEvents());
      Optional<String> name = of(event, own);
      for (Pdu other : events) {
        if (name.isEmpty() && other.isState()) {
          SortedMap<StateKey, Pdu> changed = new TreeMap<>(own);
          changed.put(key(other), other);
          name = of(event, changed);
        }
      }
      if (name.isPresent()) {
        return name;
      }
    }
    return Optional.empty();
  }

  private Optional<String> of(Pdu event, SortedMap<StateKey, Pdu> state) {
    if (peer.startsWith("ruma")) {
      return first(noJoinRules(event, state), powerLevelDefaults(event, state));
    }
    if (peer.startsWith("synapse")) {
      return federateTarget(event);
    }
    return first(
        leaveOfLeaver(event, state),
        unban(event, state),
        unknownJoinRule(event, state),
        aliases(event),
        redaction(event),
        creatorJoin(event),
        knockerJoins(event, state),
        notificationLevels(event, state),
        inferredLevels(event, state));
  }

  private boolean thirdPartyInvitesConflict(Question question) {
    return question.forks().getFirst().stream()
        .flatMap(state -> state.entrySet().stream())
        .filter(entry -> entry.getKey().type().equals("m.room.third_party_invite"))
        .collect(
            Collectors.groupingBy(
                Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toSet())))
        .values()
        .stream()
        .anyMatch(ids -> ids.size() > 1);
  }

  @SafeVarargs
  private static Optional<String> first(Optional<String>... names) {
    for (Optional<String> name : names) {
      if (name.isPresent()) {
        return name;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> named(String name, boolean applies) {
    return applies ? Optional.of(name) : Optional.empty();
  }

  // ruma-state-res

  private Optional<String> noJoinRules(Pdu event, SortedMap<StateKey, Pdu> state) {
    boolean first = event.prevEvents().equals(List.of(room.create().id()));
    return named(
        "no-join-rules",
        (isMember(event, "join") || isMember(event, "knock"))
            && !first
            && !state.containsKey(StateKey.JOIN_RULES));
  }

  private Optional<String> powerLevelDefaults(Pdu event, SortedMap<StateKey, Pdu> state) {
    Pdu current = state.get(StateKey.POWER_LEVELS);
    if (!event.is("m.room.power_levels", "") || current == null) {
      return Optional.empty();
    }
    long level = levels(state).userLevel(event.sender());
    return named(
        "power-level-defaults",
        LEVELS.entrySet().stream()
            .anyMatch(
                property ->
                    property.getValue() > level
                        && current.content().has(property.getKey())
                            != event.content().has(property.getKey())));
  }

  // Synapse

  private Optional<String> federateTarget(Pdu event) {
    JsonNode federate = room.create().content().path("m.federate");
    String server = room.create().sender().server().value();
    return named(
        "federate-target",
        event.type().equals("m.room.member")
            && federate.isBoolean()
            && !federate.booleanValue()
            && !event.stateKey().orElse("").endsWith(":" + server));
  }

  // gomatrixserverlib

  private Optional<String> leaveOfLeaver(Pdu event, SortedMap<StateKey, Pdu> state) {
    return named(
        "leave-of-leaver",
        isMember(event, "leave")
            && isSelf(event)
            && (membership(event, state).equals("leave")
                || (!room.version.auth().knocking() && membership(event, state).equals("knock"))));
  }

  private Optional<String> unban(Pdu event, SortedMap<StateKey, Pdu> state) {
    return named(
        "unban", isMember(event, "leave") && !isSelf(event) && membership(event, state).equals("ban"));
  }

  private Optional<String> unknownJoinRule(Pdu event, SortedMap<StateKey, Pdu> state) {
    Pdu rules = state.get(StateKey.JOIN_RULES);
    String rule = rules == null ? "invite" : rules.content().path("join_rule").asText();
    boolean known =
        switch (rule) {
          case "knock" -> room.version.auth().knocking();
          case "restricted" -> room.version.auth().restrictedJoin();
          case "knock_restricted" -> room.version.auth().knockRestrictedJoin();
          default -> true;
        };
    return named(
        "unknown-join-rule", !known && (isMember(event, "join") || isMember(event, "knock")));
  }

  private Optional<String> aliases(Pdu event) {
    return named(
        "aliases", event.type().equals("m.room.aliases") && !room.version.auth().aliasesRule());
  }

  private Optional<String> redaction(Pdu event) {
    return named(
        "redaction",
        event.type().equals("m.room.redaction") && room.version.auth().redactionRule());
  }

  private Optional<String> inferredLevels(Pdu event, SortedMap<StateKey, Pdu> state) {
    Pdu current = state.get(StateKey.POWER_LEVELS);
    if (!event.is("m.room.power_levels", "") || current == null) {
      return Optional.empty();
    }
    boolean same = keys(current.content()).equals(keys(event.content()));
    for (String name : List.of("users", "events", "notifications")) {
      same &= keys(current.content().path(name)).equals(keys(event.content().path(name)));
    }
    return named("inferred-levels", !same);
  }

  private Optional<String> creatorJoin(Pdu event) {
    return named(
        "creator-join",
        isMember(event, "join")
            && !isSelf(event)
            && event.prevEvents().equals(List.of(room.create().id())));
  }

  private Optional<String> knockerJoins(Pdu event, SortedMap<StateKey, Pdu> state) {
    return named(
        "knocker-joins",
        isMember(event, "join") && isSelf(event) && membership(event, state).equals("knock"));
  }

  private Optional<String> notificationLevels(Pdu event, SortedMap<StateKey, Pdu> state) {
    Pdu current = state.get(StateKey.POWER_LEVELS);
    return named(
        "notification-levels",
        event.is("m.room.power_levels", "")
            && current != null
            && current.content().path("notifications").path("room").asLong()
                == levels(state).userLevel(event.sender()));
  }

  // What they ask.

  private static SortedSet<String> keys(JsonNode object) {
    SortedSet<String> keys = new TreeSet<>();
    object.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private static boolean isMember(Pdu event, String membership) {
    return event.type().equals("m.room.member")
        && event.content().path("membership").asText().equals(membership);
  }

  private static boolean isSelf(Pdu event) {
    return event.stateKey().orElse("").equals(event.sender().value());
  }

  /** The target's membership in a state. */
  private static String membership(Pdu event, SortedMap<StateKey, Pdu> state) {
    Pdu current = state.get(StateKey.member(event.stateKey().orElse("")));
    return current == null ? "leave" : current.content().path("membership").asText();
  }

  private PowerLevels levels(SortedMap<StateKey, Pdu> state) {
    return PowerLevels.of(
        room.version,
        Optional.ofNullable(state.get(StateKey.POWER_LEVELS)),
        Optional.of(room.create()));
  }

  private SortedMap<StateKey, Pdu> byKey(Collection<EventId> ids) {
    SortedMap<StateKey, Pdu> state = new TreeMap<>();
    for (EventId id : ids) {
      Pdu event = room.event(id);
      if (event.isState()) {
        state.put(key(event), event);
      }
    }
    return state;
  }

  private static StateKey key(Pdu event) {
    return new StateKey(event.type(), event.stateKey().orElseThrow());
  }
}
