package org.headrace.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class LoggedIdsTest {
  private static final Logger LOGGER = Logger.getLogger(ErrorMapper.class.getName());

  @TestHTTPResource URI base;

  private final Lines lines = new Lines();

  /** The structured fields of what is logged. */
  private static final class Lines extends ExtHandler {
    final List<Map<String, String>> fields = new CopyOnWriteArrayList<>();

    @Override
    protected void doPublish(ExtLogRecord record) {
      fields.add(record.getMdcCopy());
    }
  }

  @BeforeEach
  void listen() {
    LOGGER.addHandler(lines);
  }

  @AfterEach
  void stop() {
    LOGGER.removeHandler(lines);
  }

  private void fail(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/_matrix/client/v3/" + path))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(500);
    }
  }

  @Test
  void whatIsLoggedOfARequestNamesItsRoomAndItsEvent() throws Exception {
    fail("rooms/!r:one.example/fail/$e");
    fail("rooms/what%20somebody%20says/fail/it");
    fail("fail");
    assertThat(lines.fields)
        .hasSize(3)
        .first()
        .satisfies(
            of ->
                assertThat(of)
                    .containsEntry("roomId", "!r:one.example")
                    .containsEntry("eventId", "$e"));
    for (var of : lines.fields.subList(1, 3)) {
      assertThat(of).doesNotContainKeys("roomId", "eventId");
    }
  }
}
