package org.headrace.core.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.headrace.core.auth.AuthEvent;
import org.headrace.core.auth.AuthEvidence;
import org.headrace.core.auth.AuthResult;
import org.headrace.core.auth.AuthRules;
import org.headrace.core.auth.StateLookup;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Event authorisation cases of other implementations, with their verdicts. A case with {@code
 * differs} is one that Headrace decides otherwise, and says why.
 */
class AuthVectorsTest {

  @TestFactory
  Stream<DynamicTest> ruma() {
    return cases("ruma");
  }

  @TestFactory
  Stream<DynamicTest> synapse() {
    return cases("synapse");
  }

  @TestFactory
  Stream<DynamicTest> gomatrixserverlib() {
    return cases("gomatrixserverlib");
  }

  private static Stream<DynamicTest> cases(String origin) {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode authCase : Vectors.read("auth/" + origin + ".json").path("cases")) {
      String name = authCase.path("name").asText();
      tests.add(DynamicTest.dynamicTest(name, () -> decidesAlike(authCase)));
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }

  private static void decidesAlike(JsonNode authCase) {
    RoomVersion version = Vectors.version(authCase);
    Pdu event = Vectors.event(authCase.path("event"));
    AuthResult result =
        switch (authCase.path("check").asText()) {
          case "auth_events" -> checkAuthEvents(version, event, authCase.path("given"));
          case "state" -> checkState(version, event, authCase.path("given"));
          default -> throw new IllegalArgumentException("no such check");
        };
    boolean expected = authCase.path("allowed").asBoolean() ^ authCase.has("differs");
    assertThat(result.isAllowed()).as("%s: %s", result, authCase).isEqualTo(expected);
  }

  private static AuthResult checkAuthEvents(RoomVersion version, Pdu event, JsonNode given) {
    Vectors.Source events = Vectors.source(given, false);
    List<AuthEvent> authEvents = new ArrayList<>();
    for (EventId id : event.authEvents()) {
      authEvents.add(new AuthEvent(events.event(id), events.isRejected(id)));
    }
    Optional<Pdu> create =
        events.all().stream()
            .filter(e -> e.is("m.room.create", "") && !events.isRejected(e.id()))
            .findFirst();
    return AuthRules.checkAuthEvents(version, event, authEvents, AuthEvidence.ofCreate(create));
  }

  private static AuthResult checkState(RoomVersion version, Pdu event, JsonNode given) {
    Map<StateKey, Pdu> state = new TreeMap<>();
    for (JsonNode json : given) {
      Pdu entry = Vectors.event(json);
      state.put(new StateKey(entry.type(), entry.stateKey().orElseThrow()), entry);
    }
    StateLookup lookup = StateLookup.of(state);
    return AuthRules.checkAgainst(version, event, AuthEvidence.ofState(lookup), lookup);
  }
}
