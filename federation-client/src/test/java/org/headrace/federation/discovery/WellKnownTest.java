package org.headrace.federation.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.federation.discovery.ServerDiscoveryTest.soon;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.headrace.core.id.ServerName;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.TestAuthority;
import org.headrace.federation.fixture.World;
import org.headrace.federation.net.FederationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a well-known file may say and do, and for how long it counts. */
class WellKnownTest {
  private static final ServerName A = new ServerName("a.example");
  private static final String DELEGATED = "{\"m.server\": \"b.example:1\"}";

  @TempDir Path folder;
  private World world;

  @BeforeEach
  void open() {
    world = new World(folder);
    world.names.address("a.example", "127.0.0.1");
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  @Test
  void isAskedForAtThePathOfTheSpecification() throws Exception {
    try (RemoteServer server = RemoteServer.answering(tls("a.example"), DELEGATED)) {
      assertThat(isDelegated(discovery(server))).isTrue();
      assertThat(server.requests())
          .singleElement()
          .satisfies(
              request -> {
                assertThat(request.uri()).isEqualTo("/.well-known/matrix/server");
                assertThat(request.authorization()).isEmpty();
              });
    }
  }

  @Test
  void anInvalidAnswerCountsAsNone() throws Exception {
    for (String body :
        List.of(
            "",
            "no json",
            "[]",
            "{}",
            "{\"m.server\": 5}",
            "{\"m.server\": \"\"}",
            "{\"m.server\": \"https://b.example\"}",
            "{\"m.server\": \"b.example/path\"}")) {
      try (RemoteServer server = RemoteServer.answering(tls("a.example"), body)) {
        assertThat(isDelegated(discovery(server))).as(body).isFalse();
      }
    }
  }

  @Test
  void anotherStatusCountsAsNone() throws Exception {
    for (int status : new int[] {201, 404, 500}) {
      try (RemoteServer server =
          new RemoteServer(
              tls("a.example"), exchange -> RemoteServer.send(exchange, status, DELEGATED))) {
        assertThat(isDelegated(discovery(server))).isFalse();
      }
    }
  }

  @Test
  void aFileOf64KilobytesIsTheLargest() throws Exception {
    String padding = " ".repeat(65_536 - DELEGATED.length());
    try (RemoteServer server = RemoteServer.answering(tls("a.example"), DELEGATED + padding)) {
      assertThat(isDelegated(discovery(server))).isTrue();
    }
    try (RemoteServer server =
        RemoteServer.answering(tls("a.example"), DELEGATED + padding + " ")) {
      assertThat(isDelegated(discovery(server))).isFalse();
    }
  }

  @Test
  void theCertificateMustBeOneOfTheHost() throws Exception {
    try (RemoteServer server = RemoteServer.answering(tls("b.example"), DELEGATED)) {
      assertThat(isDelegated(discovery(server))).isFalse();
    }
    TestAuthority unknown = new TestAuthority("Unknown");
    try (RemoteServer server = RemoteServer.answering(unknown.serverFor("a.example"), DELEGATED)) {
      assertThat(isDelegated(discovery(server))).isFalse();
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void countsFor24HoursIfItDoesNotSay() throws Exception {
    assertCountsFor(Duration.ofHours(24), "X-Other", "1");
  }

  @Test
  void countsAsLongAsItsHeadersSay() throws Exception {
    assertCountsFor(Duration.ofSeconds(7_200), "Cache-Control", "public, Max-Age=7200");
  }

  @Test
  void countsForFiveMinutesAtLeastAndTwoDaysAtMost() throws Exception {
    assertCountsFor(Duration.ofMinutes(5), "Cache-Control", "no-store");
    assertCountsFor(Duration.ofMinutes(5), "Cache-Control", "max-age=0");
    assertCountsFor(Duration.ofMinutes(5), "Expires", "0");
    assertCountsFor(Duration.ofHours(48), "Cache-Control", "max-age=31536000");
    assertCountsFor(Duration.ofHours(48), "Cache-Control", "max-age=99999999999999");
  }

  @Test
  void aRefusalCountsForAnHour() throws Exception {
    try (RemoteServer server =
        new RemoteServer(tls("a.example"), exchange -> RemoteServer.send(exchange, 404, ""))) {
      assertIsAskedAgainAfter(server, discovery(server), Duration.ofHours(1));
    }
  }

  @Test
  void aServerInTroubleIsAskedAfterAMinuteThenTwoUpToAnHour() throws Exception {
    try (RemoteServer server =
        new RemoteServer(tls("a.example"), exchange -> RemoteServer.send(exchange, 503, ""))) {
      ServerDiscovery discovery = discovery(server);
      for (int minutes : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
        assertIsAskedAgainAfter(server, discovery, Duration.ofMinutes(minutes));
      }
    }
  }

  @Test
  void followsRedirectsToOtherHosts() throws Exception {
    world.names.address("c.example", "127.0.0.2");
    try (RemoteServer last =
            new RemoteServer(
                "127.0.0.2",
                tls("c.example"),
                exchange -> RemoteServer.send(exchange, 200, DELEGATED));
        RemoteServer first =
            redirecting("https://c.example:" + last.port() + "/some/file?with=query")) {
      assertThat(isDelegated(discovery(first))).isTrue();
      assertThat(last.requests())
          .singleElement()
          .satisfies(
              request -> {
                assertThat(request.uri()).isEqualTo("/some/file?with=query");
                assertThat(request.host()).isEqualTo("c.example:" + last.port());
              });
    }
  }

  @Test
  void followsARelativeRedirect() throws Exception {
    try (RemoteServer server =
        new RemoteServer(
            tls("a.example"),
            exchange -> {
              if (exchange.getRequestURI().getPath().equals("/file")) {
                RemoteServer.send(exchange, 200, DELEGATED);
              } else {
                exchange.getResponseHeaders().set("Location", "/file");
                RemoteServer.send(exchange, 302, "");
              }
            })) {
      assertThat(isDelegated(discovery(server))).isTrue();
    }
  }

  @Test
  void endsARedirectionLoop() throws Exception {
    try (RemoteServer server = redirecting("/.well-known/matrix/server")) {
      assertThat(isDelegated(discovery(server))).isFalse();
      assertThat(server.requests()).hasSize(1);
    }
    try (RemoteServer server =
        new RemoteServer(
            tls("a.example"),
            exchange -> {
              exchange
                  .getResponseHeaders()
                  .set("Location", exchange.getRequestURI().getPath() + "x");
              RemoteServer.send(exchange, 301, "");
            })) {
      assertThat(isDelegated(discovery(server))).isFalse();
      assertThat(server.requests()).hasSize(1 + WellKnown.REDIRECTS_MAX);
    }
  }

  @Test
  void followsNoRedirectToAClosedAddress() throws Exception {
    world.names.address("c.example", World.CLOSED);
    try (RemoteServer closed =
        new RemoteServer(
            World.CLOSED,
            tls("c.example"),
            exchange -> RemoteServer.send(exchange, 200, DELEGATED))) {
      for (String host : List.of("c.example", World.CLOSED, "127.66", "0x7f000042")) {
        try (RemoteServer server = redirecting("https://" + host + ":" + closed.port() + "/")) {
          assertThat(isDelegated(discovery(server))).as(host).isFalse();
        }
      }
      assertThat(closed.requests()).isEmpty();
    }
  }

  @Test
  void followsNoRedirectAwayFromHttps() throws Exception {
    for (String location :
        List.of("http://a.example/", "ftp://a.example/", "file:///etc/passwd", "https:///", "::")) {
      try (RemoteServer server = redirecting(location)) {
        assertThat(isDelegated(discovery(server))).as(location).isFalse();
        assertThat(server.requests()).hasSize(1);
      }
    }
  }

  private void assertCountsFor(Duration time, String header, String value) throws Exception {
    try (RemoteServer server =
        new RemoteServer(
            tls("a.example"),
            exchange -> {
              exchange.getResponseHeaders().set(header, value);
              RemoteServer.send(exchange, 200, DELEGATED);
            })) {
      assertIsAskedAgainAfter(server, discovery(server), time);
    }
  }

  /** Asks once at first unless that was done before. */
  private void assertIsAskedAgainAfter(
      RemoteServer server, ServerDiscovery discovery, Duration time) throws Exception {
    discovery.route(A, List.of(), soon());
    int before = server.requests().size();
    world.clock.advance(time.minusMillis(1));
    discovery.route(A, List.of(), soon());
    assertThat(server.requests()).hasSize(before);
    world.clock.advance(Duration.ofMillis(1));
    discovery.route(A, List.of(), soon());
    assertThat(server.requests()).hasSize(before + 1);
  }

  private RemoteServer redirecting(String location) {
    return new RemoteServer(
        tls("a.example"),
        exchange -> {
          exchange.getResponseHeaders().set("Location", location);
          RemoteServer.send(exchange, 302, "");
        });
  }

  private SSLContext tls(String name) {
    return world.authority.serverFor(name);
  }

  private ServerDiscovery discovery(RemoteServer server) {
    return world.ports(server.port(), 8448).discovery();
  }

  private static boolean isDelegated(ServerDiscovery discovery) throws FederationException {
    return discovery.route(A, List.of(), soon()).hostHeader().equals("b.example:1");
  }
}
