package org.headrace.federation.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.headrace.core.id.ServerName;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.World;
import org.headrace.federation.net.Deadline;
import org.headrace.federation.net.FederationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of "Resolving server names", with their numbers. */
class ServerDiscoveryTest {
  private static final int NO_SERVER = 1;

  @TempDir Path folder;
  private World world;

  @BeforeEach
  void open() {
    world = new World(folder).ports(NO_SERVER, 8448);
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  @Test
  void step1AnIpLiteralIsUsedAsItIs() throws Exception {
    assertThat(route("1.2.3.4")).isEqualTo(to("1.2.3.4", 8448, "1.2.3.4", "1.2.3.4"));
    assertThat(route("1.2.3.4:80")).isEqualTo(to("1.2.3.4", 80, "1.2.3.4", "1.2.3.4:80"));
    assertThat(route("[2001:db8::1]"))
        .isEqualTo(to("2001:db8::1", 8448, "2001:db8::1", "[2001:db8::1]"));
    assertThat(route("[2001:db8::1]:80"))
        .isEqualTo(to("2001:db8::1", 80, "2001:db8::1", "[2001:db8::1]:80"));
    assertThat(world.names.asked()).isEmpty();
  }

  @Test
  void step2AnExplicitPortIsUsedAsItIs() throws Exception {
    assertThat(route("a.example:80")).isEqualTo(to("a.example", 80, "a.example", "a.example:80"));
    assertThat(world.names.asked()).isEmpty();
  }

  @Test
  void thereIsNoPortBeyondTheLast() {
    assertThatThrownBy(() -> route("a.example:65536")).isInstanceOf(FederationException.class);
    assertThatThrownBy(() -> route("a.example:0")).isInstanceOf(FederationException.class);
  }

  @Test
  void step31ADelegatedIpLiteral() throws Exception {
    assertThat(delegating("1.2.3.4")).isEqualTo(to("1.2.3.4", 8448, "1.2.3.4", "1.2.3.4"));
    assertThat(delegating("[::5]:80")).isEqualTo(to("::5", 80, "::5", "[::5]:80"));
  }

  @Test
  void step32ADelegatedNameWithAPort() throws Exception {
    assertThat(delegating("b.example:80"))
        .isEqualTo(to("b.example", 80, "b.example", "b.example:80"));
  }

  @Test
  void step33TheSrvRecordOfTheDelegatedName() throws Exception {
    world.names.srv("_matrix-fed._tcp.b.example", 1, 1, "target.example", 4000);
    world.names.srv("_matrix._tcp.b.example", 1, 1, "old.example", 4001);
    world.names.srv("_matrix-fed._tcp.a.example", 1, 1, "not-this.example", 4002);
    assertThat(delegating("b.example"))
        .isEqualTo(to("target.example", 4000, "b.example", "b.example"));
  }

  @Test
  void step34TheDeprecatedSrvRecordOfTheDelegatedName() throws Exception {
    world.names.srv("_matrix._tcp.b.example", 1, 1, "old.example", 4001);
    assertThat(delegating("b.example"))
        .isEqualTo(to("old.example", 4001, "b.example", "b.example"));
  }

  @Test
  void step35TheDelegatedNameAndTheStandardPort() throws Exception {
    assertThat(delegating("b.example")).isEqualTo(to("b.example", 8448, "b.example", "b.example"));
  }

  @Test
  void aDelegatedNameIsNotDelegatedAgain() throws Exception {
    assertThat(delegating("b.example")).isNotNull();
    assertThat(world.names.asked()).containsOnlyOnce("a.example").doesNotContain("b.example");
  }

  @Test
  void step4TheSrvRecord() throws Exception {
    world.names.srv("_matrix-fed._tcp.a.example", 1, 1, "target.example", 4000);
    world.names.srv("_matrix._tcp.a.example", 1, 1, "old.example", 4001);
    assertThat(route("a.example")).isEqualTo(to("target.example", 4000, "a.example", "a.example"));
  }

  @Test
  void step5TheDeprecatedSrvRecord() throws Exception {
    world.names.srv("_matrix._tcp.a.example", 1, 1, "old.example", 4001);
    assertThat(route("a.example")).isEqualTo(to("old.example", 4001, "a.example", "a.example"));
  }

  @Test
  void step6TheNameAndTheStandardPort() throws Exception {
    assertThat(route("a.example")).isEqualTo(to("a.example", 8448, "a.example", "a.example"));
  }

  @Test
  void recordsAreTriedByPriority() throws Exception {
    String name = "_matrix-fed._tcp.a.example";
    world.names.srv(name, 20, 100, "last.example", 1);
    world.names.srv(name, 10, 0, "first.example", 2);
    world.names.srv(name, 15, 5, "second.example", 3);
    assertThat(route("a.example").endpoints())
        .extracting(Route.Endpoint::host)
        .containsExactly("first.example", "second.example", "last.example");
  }

  @Test
  void recordsOfOnePriorityAreChosenByWeight() throws Exception {
    String name = "_matrix-fed._tcp.a.example";
    world.names.srv(name, 10, 90, "heavy.example", 1);
    world.names.srv(name, 10, 10, "light.example", 2);
    ServerDiscovery discovery = world.discovery();
    int heavyFirst = 0;
    for (int i = 0; i < 1_000; i++) {
      var endpoints = discovery.route(new ServerName("a.example"), List.of(), soon()).endpoints();
      assertThat(endpoints).hasSize(2);
      heavyFirst += endpoints.get(0).host().equals("heavy.example") ? 1 : 0;
    }
    assertThat(heavyFirst).isBetween(850, 950);
  }

  @Test
  void aRecordMaySayThatThereIsNoServer() throws Exception {
    world.names.srv("_matrix-fed._tcp.a.example", 0, 0, "", 0);
    assertThat(route("a.example").endpoints()).isEmpty();
  }

  @Test
  void recordsAreAskedAgainAfterAWhile() throws Exception {
    ServerDiscovery discovery = world.discovery();
    discovery.route(new ServerName("a.example"), List.of(), soon());
    world.names.srv("_matrix-fed._tcp.a.example", 1, 1, "target.example", 4000);
    assertThat(
            discovery
                .route(new ServerName("a.example"), List.of(), soon())
                .endpoints()
                .get(0)
                .port())
        .isEqualTo(8448);
    world.clock.advance(Duration.ofMinutes(11));
    assertThat(
            discovery
                .route(new ServerName("a.example"), List.of(), soon())
                .endpoints()
                .get(0)
                .port())
        .isEqualTo(4000);
    world.names.srv("_matrix-fed._tcp.a.example", 0, 1, "first.example", 4002);
    world.clock.advance(Duration.ofMinutes(19));
    assertThat(discovery.route(new ServerName("a.example"), List.of(), soon()).endpoints())
        .hasSize(1);
    world.clock.advance(Duration.ofMinutes(1));
    assertThat(discovery.route(new ServerName("a.example"), List.of(), soon()).endpoints())
        .hasSize(2);
  }

  private Route delegating(String to) throws FederationException {
    world.names.address("a.example", "127.0.0.1");
    String json = "{\"m.server\": \"" + to + "\"}";
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("a.example"), json)) {
      world.ports(server.port(), 8448);
      return route("a.example");
    }
  }

  private Route route(String server) throws FederationException {
    return world.discovery().route(new ServerName(server), List.of(), soon());
  }

  private static Route to(String host, int port, String certificateName, String hostHeader) {
    return new Route(List.of(new Route.Endpoint(host, port)), certificateName, hostHeader);
  }

  static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
