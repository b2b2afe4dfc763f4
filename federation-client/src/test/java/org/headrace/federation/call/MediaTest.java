package org.headrace.federation.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.MediaId;
import org.headrace.federation.client.Link;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.World;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTest {
  private static final MediaId ID = new MediaId("m1");
  private static final String ASKED = "/_matrix/federation/v1/media/download/m1?timeout_ms=0";
  private static final String MIXED = "multipart/mixed; boundary=b1";
  private static final String META = "--b1\r\nContent-Type: application/json\r\n\r\n{}\r\n--b1\r\n";

  @TempDir Path folder;
  private World world;
  private RemoteServer server;
  private Link link;
  private RemoteServer.Handler answer = exchange -> RemoteServer.send(exchange, 404, "{}");

  /** What a test makes of media. */
  private record Got(String type, Optional<String> filename, String text) {}

  @BeforeEach
  void open() {
    world = new World(folder);
    server =
        new RemoteServer(
            world.authority.serverFor("127.0.0.1"), exchange -> answer.handle(exchange));
    link = World.to("127.0.0.1:" + server.port());
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    world.close();
  }

  private Got download(long bytesMax) throws FederationException {
    return world
        .federation()
        .calls()
        .media()
        .download(
            link,
            ID,
            Duration.ZERO,
            bytesMax,
            part -> {
              ByteArrayOutputStream out = new ByteArrayOutputStream();
              part.bytes().writeTo(out);
              return new Got(part.type(), part.filename(), out.toString(StandardCharsets.UTF_8));
            });
  }

  private void answers(String contentType, String body) {
    answer = exchange -> send(exchange, contentType, body);
  }

  private static void send(HttpExchange exchange, String contentType, String body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", contentType);
    RemoteServer.send(exchange, 200, body);
  }

  @Test
  void readsTheSecondPart() throws Exception {
    answers(
        MIXED,
        META
            + "content-type: text/plain\r\n"
            + "Content-Disposition: attachment; filename*=utf-8''%C3%A4.txt\r\n\r\n"
            + "hello\r\n--b2 inside\r\n--b1--\r\n");
    assertThat(download(1_000))
        .isEqualTo(new Got("text/plain", Optional.of("ä.txt"), "hello\r\n--b2 inside"));
    assertThat(server.requests().getFirst().uri()).isEqualTo(ASKED);
    assertThat(server.requests().getFirst().authorization()).hasSize(1);
  }

  @Test
  void followsToWhereTheMediaAreWithoutASignature() throws Exception {
    String there = "https://127.0.0.1:" + server.port() + "/cdn/m1?k=v";
    answer =
        exchange -> {
          if (exchange.getRequestURI().toString().equals("/cdn/m1?k=v")) {
            exchange
                .getResponseHeaders()
                .set("Content-Disposition", "inline; filename=\"a b.png\"");
            send(exchange, "image/png", "hello");
          } else {
            send(exchange, MIXED, META + "Location: " + there + "\r\n\r\n\r\n--b1--");
          }
        };
    assertThat(download(1_000)).isEqualTo(new Got("image/png", Optional.of("a b.png"), "hello"));
    assertThat(server.requests().getLast().authorization()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.66/x",
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "//127.0.0.1/x",
        "https://user@127.0.0.1/x",
        "https://127.0.0.1:0/x",
        "https://127.0.0.1:65536/x",
        "https://127.0.0.1:99999999999/x",
        "not a url"
      })
  void followsToNoOtherPlaces(String location) {
    answers(MIXED, META + "Location: " + location + "\r\n\r\n\r\n--b1--");
    assertThat(catchThrowableOfType(FederationException.class, () -> download(10)).reason())
        .isIn(Reason.DENIED, Reason.BAD_RESPONSE);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void followsOnce() {
    String there = "https://127.0.0.1:" + server.port() + "/again";
    answer =
        exchange -> {
          if (exchange.getRequestURI().toString().equals("/again")) {
            exchange.getResponseHeaders().set("Location", there);
            RemoteServer.send(exchange, 307, "");
          } else {
            send(exchange, MIXED, META + "Location: " + there + "\r\n\r\n\r\n--b1--");
          }
        };
    assertThat(catchThrowableOfType(FederationException.class, () -> download(10)).reason())
        .isEqualTo(Reason.REFUSED);
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void refusesWhatIsNoMultipartOfTwo() {
    for (List<String> bad :
        List.of(
            List.of("application/json", "{}"),
            List.of("multipart/mixed", "--b1\r\n"),
            List.of(MIXED, ""),
            List.of(MIXED, "--b1\r\n\r\nx\r\n--b1--"),
            List.of(MIXED, META + "Content-Type: text/plain\r\n\r\ncut off"),
            List.of(MIXED, META + "X: " + "y".repeat(100_000)),
            List.of("multipart/mixed; boundary=" + "b".repeat(10_000), META))) {
      answers(bad.get(0), bad.get(1));
      assertThat(catchThrowableOfType(FederationException.class, () -> download(10)).reason())
          .as("%.60s, %.40s", bad.get(0), bad.get(1))
          .isEqualTo(Reason.BAD_RESPONSE);
    }
  }

  @Test
  void readsNoMoreThanIsAllowed() {
    answers(MIXED, META + "Content-Type: text/plain\r\n\r\n" + "x".repeat(1_000_000));
    assertThat(catchThrowableOfType(FederationException.class, () -> download(10)).reason())
        .isEqualTo(Reason.BAD_RESPONSE);
  }
}
