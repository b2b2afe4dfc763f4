package org.headrace.api.federation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.headrace.core.id.ServerName;
import org.headrace.http.MatrixError;
import org.headrace.http.Peer;
import org.headrace.http.RequestPlaces;
import org.junit.jupiter.api.Test;

class LargeAnswersTest {
  private static final Peer GREEDY = peer("greedy.example");

  private final RequestPlaces requests = new RequestPlaces();
  private final LargeAnswers answers = new LargeAnswers(requests, Duration.ZERO);

  @Test
  void noServerHasMoreThanHalfOfTheTurns() {
    for (int i = 0; i < LargeAnswers.WRITTEN_AT_ONCE_MAX / 2; i++) {
      begin(GREEDY);
    }
    refused(GREEDY);
    for (int i = 0; i < LargeAnswers.WRITTEN_AT_ONCE_MAX / 2; i++) {
      begin(peer("other" + i + ".example"));
    }
    refused(peer("late.example"));
    requests.release();
    begin(GREEDY);
  }

  private void begin(Peer peer) {
    try (Response answer = answers.of(peer, json -> {})) {
      assertThat(answer.getStatus()).isEqualTo(200);
    }
  }

  private void refused(Peer peer) {
    assertThatThrownBy(() -> begin(peer))
        .isInstanceOfSatisfying(MatrixError.class, e -> assertThat(e.status()).isEqualTo(429));
  }

  private static Peer peer(String name) {
    return new Peer(new ServerName(name), new ServerName("one.example"));
  }
}
