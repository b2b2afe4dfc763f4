package org.headrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.headrace.conformance.server.SharedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two matrix-js-sdk clients with Rust crypto exchange messages in an encrypted version 12 room,
 * both at once.
 */
@ExtendWith(SharedServer.class)
class RealClientsIT {
  private static final int MESSAGES_EACH = Integer.getInteger("headrace.messages", 500);
  private static final int DEADLINE_SECONDS = 240;

  @Test
  void theComparisonCanFail() {
    NodeScenario.testComparison();
  }

  @Test
  void everyMessageArrivesDecryptedOnceAndInOrder(SharedServer.Server server) {
    NodeScenario.Result result =
        NodeScenario.run(server.baseUrl(), MESSAGES_EACH, DEADLINE_SECONDS, acknowledged -> {});
    String shown = result.report().toPrettyString() + "\n" + result.said();
    assertThat(result.exitCode()).as(shown).isZero();
    assertThat(result.report().path("right").asBoolean()).as(shown).isTrue();
    assertThat(result.report().path("roomVersion").asText()).isEqualTo("12");
    assertThat(result.report().path("views")).hasSize(6);
    assertThat(result.report().path("views"))
        .allSatisfy(view -> assertThat(view.path("events").asInt()).isEqualTo(2 * MESSAGES_EACH));
    System.out.println(
        "real clients: 2 × "
            + MESSAGES_EACH
            + " messages in "
            + result.report().path("exchangeMillis")
            + " ms");
  }
}
