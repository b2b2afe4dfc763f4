package org.headrace.federation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.headrace.core.json.Json;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.TestAuthority;
import org.headrace.federation.fixture.TestTenants;
import org.headrace.federation.fixture.World;
import org.headrace.federation.net.AddressPolicy;
import org.headrace.federation.net.AddressRange;
import org.headrace.federation.net.CallLimits;
import org.headrace.federation.net.FederationException;
import org.headrace.federation.net.FederationException.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FederationClientTest {
  private static final CallLimits SHORT = CallLimits.QUERY.withTotal(Duration.ofMillis(1_500));

  private static final FederationPolicy.OfTenants OPEN_HERE =
      new TenantPolicies(Map.of(World.HERE, FederationPolicy.OPEN));

  @TempDir Path folder;
  private World world;

  @BeforeEach
  void open() {
    world = new World(folder);
  }

  @AfterEach
  void close() throws Exception {
    world.close();
  }

  @Test
  void sendsASignedRequestToTheNamedServer() throws Exception {
    world.names.address("a.example", "127.0.0.1");
    ObjectNode body = Json.object().put("b", 1).put("a", "ü");
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("a.example"), "{\"x\": 1}")) {
      String name = "a.example:" + server.port();
      Target target = Target.of("/_matrix/federation/v1/x").segment("$a/b").query("q", "ö&1");
      ObjectNode answer =
          world
              .client()
              .call(FederationRequest.put(World.to(name), target, body), CallLimits.QUERY);
      assertThat(answer).isEqualTo(Json.object().put("x", 1));
      RemoteServer.Request request = server.requests().get(0);
      assertThat(request.method()).isEqualTo("PUT");
      assertThat(request.uri()).isEqualTo("/_matrix/federation/v1/x/%24a%2Fb?q=%C3%B6%261");
      assertThat(request.host()).isEqualTo(name);
      assertThat(Json.parse(request.body().getBytes(StandardCharsets.UTF_8))).isEqualTo(body);
      XMatrix header = XMatrix.parse(request.authorization().get(0));
      XMatrix.Signed signed =
          new XMatrix.Signed(
              "PUT",
              request.uri(),
              World.HERE,
              World.to(name).destination(),
              XMatrix.Content.of(body));
      assertThat(header.signs(signed, TestTenants.key("here.example", "ed25519:1").publicKey()))
          .isTrue();
    }
  }

  @Test
  void reachesAnIpLiteralWithACertificateForIt() throws Exception {
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("127.0.0.1"), "{}")) {
      String name = "127.0.0.1:" + server.port();
      assertThat(get(name)).isEmpty();
      assertThat(server.requests().get(0).host()).isEqualTo(name);
    }
  }

  @Test
  void theTargetOfASrvRecordShowsACertificateForTheServerName() throws Exception {
    world.names.address("target.example", "127.0.0.1");
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("a.example"), "{}")) {
      world.names.srv("_matrix-fed._tcp.a.example", 1, 1, "target.example", server.port());
      assertThat(get("a.example")).isEmpty();
      assertThat(server.requests().get(0).host()).isEqualTo("a.example");
    }
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("target.example"), "{}")) {
      world.names.srv("_matrix-fed._tcp.b.example", 1, 1, "target.example", server.port());
      assertThat(failure("b.example").reason()).isEqualTo(Reason.BAD_CERTIFICATE);
    }
  }

  @Test
  void refusesACertificateForAnotherName() throws Exception {
    world.names.address("a.example", "127.0.0.1");
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("b.example"), "{}")) {
      assertThat(failure("a.example:" + server.port()).reason()).isEqualTo(Reason.BAD_CERTIFICATE);
      assertThat(failure("127.0.0.1:" + server.port()).reason()).isEqualTo(Reason.BAD_CERTIFICATE);
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void refusesACertificateOfAnUnknownAuthority() throws Exception {
    TestAuthority unknown = new TestAuthority("Unknown");
    world.names.address("a.example", "127.0.0.1");
    try (RemoteServer server = RemoteServer.answering(unknown.serverFor("a.example"), "{}")) {
      assertThat(failure("a.example:" + server.port()).reason()).isEqualTo(Reason.BAD_CERTIFICATE);
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void refusesAnExpiredCertificate() throws Exception {
    world.names.address("a.example", "127.0.0.1");
    try (RemoteServer server =
        RemoteServer.answering(world.authority.expiredServerFor("a.example"), "{}")) {
      assertThat(failure("a.example:" + server.port()).reason()).isEqualTo(Reason.BAD_CERTIFICATE);
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void connectsToNoClosedAddress() throws Exception {
    world.names.address("a.example", World.CLOSED);
    try (RemoteServer server =
        new RemoteServer(
            World.CLOSED,
            world.authority.serverFor("a.example"),
            exchange -> RemoteServer.send(exchange, 200, "{}"))) {
      for (String host : List.of("a.example", World.CLOSED, "[::ffff:127.0.0.66]")) {
        assertThat(failure(host + ":" + server.port()).reason()).isEqualTo(Reason.DENIED);
      }
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void usesTheOpenOnesOfSeveralAddresses() throws Exception {
    world.names.address("a.example", World.CLOSED, "10.0.0.1", "127.0.0.1");
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("a.example"), "{}")) {
      assertThat(get("a.example:" + server.port())).isEmpty();
    }
  }

  @Test
  void triesTheNextAddressIfOneCannotBeConnectedTo() throws Exception {
    world.names.address("a.example", "127.0.0.2", "127.0.0.3", "127.0.0.1");
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("a.example"), "{}")) {
      assertThat(get("a.example:" + server.port())).isEmpty();
    }
  }

  /** DNS rebinding: the first answer is checked, a second one would be connected to. */
  @Test
  void connectsToTheAddressThatWasChecked() throws Exception {
    world.names.changingAddress("a.example", "127.0.0.1", World.CLOSED);
    try (RemoteServer open = RemoteServer.answering(world.authority.serverFor("a.example"), "{}")) {
      String name = "a.example:" + open.port();
      FederationClient client = world.client();
      assertThat(client.call(request(name), CallLimits.QUERY)).isEmpty();
      assertThat(world.names.asked()).containsOnlyOnce("a.example");
      FederationException second =
          catchThrowableOfType(
              FederationException.class, () -> client.call(request(name), CallLimits.QUERY));
      assertThat(second.reason()).isEqualTo(Reason.DENIED);
      assertThat(open.requests()).hasSize(1);
    }
  }

  @Test
  void callsNoDeniedNameAndNoHostedOne() throws Exception {
    world.policy(FederationPolicy.OPEN.without("*.evil.example", "evil.example"));
    for (String denied : List.of("evil.example", "x.evil.example", "EVIL.example:1")) {
      assertThat(failure(denied).reason()).isEqualTo(Reason.DENIED);
    }
    assertThat(failure("other-tenant.example").reason()).isEqualTo(Reason.DENIED);
    assertThat(failure("here.example").reason()).isEqualTo(Reason.DENIED);
    assertThat(world.names.asked()).isEmpty();
  }

  @Test
  void asksNobodyForKeysWhomNoTenantFederatesWith() throws Exception {
    world.policy(FederationPolicy.onlyWith("*.good.example"));
    FederationRequest request =
        FederationRequest.unsignedGet(
            World.to("a.example").destination(), Target.of("/_matrix/key/v2/server"));
    FederationException failure =
        catchThrowableOfType(
            FederationException.class, () -> world.client().call(request, CallLimits.KEYS));
    assertThat(failure.reason()).isEqualTo(Reason.DENIED);
    assertThat(world.names.asked()).isEmpty();
  }

  @Test
  void asksForKeysWhomOneOfTheTenantsFederatesWith() throws Exception {
    world.names.address("a.example", "127.0.0.1");
    world.policy(FederationPolicy.NONE).otherTenant(FederationPolicy.onlyWith("a.example"));
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("a.example"), "{}")) {
      assertThat(keysOf("a.example:" + server.port())).isEmpty();
      assertThat(failure("a.example:" + server.port()).reason()).isEqualTo(Reason.DENIED);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void sendsNothingToAddressesThatTheTenantRefuses() throws Exception {
    world.names.address("a.example", "127.0.0.1");
    List<AddressRange> refused = List.of(AddressRange.parse("127.0.0.0/30"));
    world.policy(FederationPolicy.OPEN.refusing(refused));
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("a.example"), "{}")) {
      String name = "a.example:" + server.port();
      assertThat(failure(name).reason()).isEqualTo(Reason.DENIED);
      assertThat(failure("127.0.0.1:" + server.port()).reason()).isEqualTo(Reason.DENIED);
      FederationException keys =
          catchThrowableOfType(FederationException.class, () -> keysOf(name));
      assertThat(keys.reason()).isEqualTo(Reason.DENIED);
      assertThat(server.requests()).isEmpty();
      // What one tenant refuses, another need not; keys are for both.
      world.otherTenant(FederationPolicy.OPEN);
      assertThat(keysOf(name)).isEmpty();
      assertThat(failure(name).reason()).isEqualTo(Reason.DENIED);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void whatATenantMayNotAskSaysNothingOfAWellKnownFileToAnother() throws Exception {
    world.names.address("a.example", "127.0.0.2");
    world.names.address("b.example", "127.0.0.1");
    try (RemoteServer server =
        RemoteServer.answering(world.authority.serverFor("b.example"), "{}")) {
      String delegated = "{\"m.server\": \"b.example:" + server.port() + "\"}";
      try (RemoteServer wellKnown =
          new RemoteServer(
              "127.0.0.2",
              world.authority.serverFor("a.example"),
              exchange -> RemoteServer.send(exchange, 200, delegated))) {
        world.ports(wellKnown.port(), 8448);
        world
            .policy(FederationPolicy.OPEN.refusing(List.of(AddressRange.parse("127.0.0.2"))))
            .otherTenant(FederationPolicy.OPEN);
        FederationClient client = world.client();
        FederationRequest signed =
            FederationRequest.get(World.to("a.example"), Target.of("/_matrix/x"));
        assertThat(
                catchThrowableOfType(FederationException.class, () -> client.call(signed, SHORT)))
            .isNotNull();
        assertThat(wellKnown.requests()).isEmpty();
        FederationRequest ofOther =
            FederationRequest.get(
                new Link(World.OTHER_TENANT, World.to("a.example").destination()),
                Target.of("/_matrix/x"));
        assertThat(client.call(ofOther, CallLimits.QUERY)).isEmpty();
        assertThat(wellKnown.requests()).hasSize(1);
      }
    }
  }

  @Test
  void sendsNothingThatCannotBeSigned() {
    ObjectNode body = Json.object().put("a", "\ud800");
    FederationException failure =
        catchThrowableOfType(
            FederationException.class,
            () ->
                world
                    .client()
                    .call(
                        FederationRequest.put(World.to("1.1.1.1"), Target.of("/x"), body),
                        CallLimits.QUERY));
    assertThat(failure.reason()).isEqualTo(Reason.DENIED);
  }

  @Test
  void namesAnIpv6LiteralInBrackets() throws Exception {
    String pem = world.authority.writePem(folder.resolve("v6.pem")).toString();
    try (RemoteServer server =
        new RemoteServer(
            "::1",
            world.authority.serverFor("::1"),
            exchange -> RemoteServer.send(exchange, 200, "{}"))) {
      var settings =
          FederationSettings.DEFAULT
              .withAddresses(AddressPolicy.publicOnly().opening("::1/128"))
              .withCaCertificates(List.of(Path.of(pem)));
      String name = "[::1]:" + server.port();
      try (FederationClient client =
          FederationClient.open(settings, OPEN_HERE, world.tenants, InstantSource.system())) {
        assertThat(client.call(request(name), CallLimits.QUERY)).isEmpty();
      }
      assertThat(server.requests().get(0).host()).isEqualTo(name);
    } catch (UncheckedIOException e) {
      assumeTrue(false, "this machine has no IPv6");
    }
  }

  /** With the system's look-ups, which read the hosts file that the JVM was given. */
  @Test
  void reachesANameOfTheHostsFile() throws Exception {
    Path pem = world.authority.writePem(folder.resolve("hosts.pem"));
    var settings =
        FederationSettings.DEFAULT
            .withAddresses(AddressPolicy.publicOnly().opening("127.0.0.0/8"))
            .withCaCertificates(List.of(pem));
    try (RemoteServer server =
            RemoteServer.answering(world.authority.serverFor("real.federation.test"), "{}");
        FederationClient client =
            FederationClient.open(settings, OPEN_HERE, world.tenants, InstantSource.system())) {
      String name = "real.federation.test:" + server.port();
      assertThat(client.call(request(name), CallLimits.QUERY)).isEmpty();
      FederationException unknown =
          catchThrowableOfType(
              FederationException.class,
              () -> client.call(request("unknown.federation.test:1"), CallLimits.QUERY));
      assertThat(unknown.reason()).isEqualTo(Reason.UNREACHABLE);
    }
  }

  @Test
  void tellsARefusalWithItsErrorCode() throws Exception {
    String json = "{\"errcode\": \"M_FORBIDDEN\", \"error\": \"no\", \"more\": 1}";
    var refusal = refusal(403, json).refusal().orElseThrow();
    assertThat(refusal.is(403, "M_FORBIDDEN")).isTrue();
    assertThat(refusal.message()).isEqualTo("no");
    assertThat(refusal.body().path("more").asInt()).isEqualTo(1);
    assertThat(refusal(403, json).isTransient()).isFalse();
  }

  @Test
  void tellsARefusalThatIsNoJson() throws Exception {
    FederationException refused = refusal(502, "<html>" + "x".repeat(100_000));
    assertThat(refused.refusal().orElseThrow().errcode()).isEqualTo("M_UNKNOWN");
    assertThat(refused.isTransient()).isTrue();
  }

  @Test
  void followsNoRedirect() throws Exception {
    assertThat(refusal(302, "").refusal().orElseThrow().status()).isEqualTo(302);
  }

  @Test
  void refusesAnAnswerThatIsNoJsonObject() throws Exception {
    for (String body : List.of("", "[]", "no", "{} {}", "{\"a\": 1, \"a\": 2}", "{\"a\"")) {
      try (RemoteServer server =
          RemoteServer.answering(world.authority.serverFor("127.0.0.1"), body)) {
        assertThat(failure("127.0.0.1:" + server.port()).reason())
            .as(body)
            .isEqualTo(Reason.BAD_RESPONSE);
      }
    }
  }

  @Test
  void refusesAnAnswerThatIsTooLarge() throws Exception {
    CallLimits limits = CallLimits.QUERY.withResponseBytesMax(1_000);
    String fits = "{\"a\": \"" + "x".repeat(991) + "\"}";
    for (int extra : new int[] {0, 1, 1_000_000}) {
      try (RemoteServer server =
          RemoteServer.answering(
              world.authority.serverFor("127.0.0.1"), fits + " ".repeat(extra))) {
        FederationRequest request = request("127.0.0.1:" + server.port());
        if (extra == 0) {
          assertThat(world.client().call(request, limits)).hasSize(1);
        } else {
          assertThat(
                  catchThrowableOfType(
                          FederationException.class, () -> world.client().call(request, limits))
                      .reason())
              .isEqualTo(Reason.BAD_RESPONSE);
        }
      }
    }
  }

  @Test
  void refusesAnAnswerWithoutEnd() throws Exception {
    try (RemoteServer server =
        new RemoteServer(
            world.authority.serverFor("127.0.0.1"),
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              byte[] spaces = " ".repeat(8_192).getBytes(StandardCharsets.UTF_8);
              while (true) {
                exchange.getResponseBody().write(spaces);
              }
            })) {
      CallLimits limits =
          CallLimits.QUERY.withTotal(Duration.ofMinutes(1)).withResponseBytesMax(100_000);
      FederationException failure =
          catchThrowableOfType(
              FederationException.class,
              () -> world.client().call(request("127.0.0.1:" + server.port()), limits));
      assertThat(failure.reason()).isEqualTo(Reason.BAD_RESPONSE);
    }
  }

  /** The other side always sends something before it counts as silent, and never ends. */
  @Test
  void endsABodyThatTricklesIn() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (RemoteServer server =
        new RemoteServer(
            world.authority.serverFor("127.0.0.1"),
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              trickle(exchange.getResponseBody(), done);
            })) {
      assertThat(failure("127.0.0.1:" + server.port(), SHORT).reason()).isEqualTo(Reason.TIMEOUT);
    } finally {
      done.countDown();
    }
  }

  @Test
  void endsTheWaitForASilentServer() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (RemoteServer server =
        new RemoteServer(
            world.authority.serverFor("127.0.0.1"),
            exchange -> {
              await(done);
              RemoteServer.send(exchange, 200, "{}");
            })) {
      assertThat(failure("127.0.0.1:" + server.port(), SHORT).reason()).isEqualTo(Reason.TIMEOUT);
      done.countDown();
    }
  }

  @Test
  void endsAHandshakeThatNeverComes() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThat(failure("127.0.0.1:" + silent.getLocalPort(), SHORT).reason())
          .isEqualTo(Reason.TIMEOUT);
    }
  }

  @Test
  void tellsThatNobodyListens() throws Exception {
    int port;
    try (ServerSocket gone = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"))) {
      port = gone.getLocalPort();
    }
    FederationException failure = failure("127.0.0.1:" + port);
    assertThat(failure.reason()).isEqualTo(Reason.UNREACHABLE);
    assertThat(failure.isTransient()).isTrue();
    assertThat(failure("unknown.example:1").reason()).isEqualTo(Reason.UNREACHABLE);
  }

  @Test
  void tellsThatTheOtherSideSpeaksNoTls() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.startVirtualThread(() -> answerInPlain(plain));
      assertThat(failure("127.0.0.1:" + plain.getLocalPort()).reason())
          .isEqualTo(Reason.UNREACHABLE);
    }
  }

  @Test
  void keepsConnectionsOpen() throws Exception {
    List<Integer> ports = new ArrayList<>();
    try (RemoteServer server =
        new RemoteServer(
            world.authority.serverFor("127.0.0.1"),
            exchange -> {
              ports.add(exchange.getRemoteAddress().getPort());
              RemoteServer.send(exchange, 200, "{}");
            })) {
      FederationClient client = world.client();
      for (int i = 0; i < 3; i++) {
        client.call(request("127.0.0.1:" + server.port()), CallLimits.QUERY);
      }
      assertThat(ports).hasSize(3);
      assertThat(ports.stream().distinct()).hasSize(1);
    }
  }

  @Test
  void asksADestinationAFewThingsAtATime() throws Exception {
    int calls = 3 * FederationClient.DESTINATION_CALLS_MAX;
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Semaphore go = new Semaphore(0);
    CountDownLatch full = new CountDownLatch(FederationClient.DESTINATION_CALLS_MAX);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        RemoteServer server =
            new RemoteServer(
                world.authority.serverFor("127.0.0.1"),
                exchange -> {
                  most.accumulateAndGet(running.incrementAndGet(), Math::max);
                  full.countDown();
                  go.acquireUninterruptibly();
                  running.decrementAndGet();
                  RemoteServer.send(exchange, 200, "{}");
                })) {
      FederationClient client = world.client();
      List<Future<ObjectNode>> answers = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        answers.add(
            threads.submit(
                () -> client.call(request("127.0.0.1:" + server.port()), CallLimits.QUERY)));
      }
      full.await();
      go.release(calls);
      for (Future<ObjectNode> answer : answers) {
        assertThat(answer.get()).isEmpty();
      }
      assertThat(most.get()).isEqualTo(FederationClient.DESTINATION_CALLS_MAX);
    }
  }

  private FederationException refusal(int status, String body) throws Exception {
    try (RemoteServer server =
        new RemoteServer(
            world.authority.serverFor("127.0.0.1"),
            exchange -> {
              exchange.getResponseHeaders().set("Location", "/elsewhere");
              RemoteServer.send(exchange, status, body);
            })) {
      FederationException failure = failure("127.0.0.1:" + server.port());
      assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
      assertThat(server.requests()).hasSize(1);
      return failure;
    }
  }

  private ObjectNode get(String server) throws FederationException {
    return world.client().call(request(server), CallLimits.QUERY);
  }

  private FederationException failure(String server) {
    return failure(server, CallLimits.QUERY);
  }

  private FederationException failure(String server, CallLimits limits) {
    return catchThrowableOfType(
        FederationException.class, () -> world.client().call(request(server), limits));
  }

  private ObjectNode keysOf(String server) throws FederationException {
    FederationRequest request =
        FederationRequest.unsignedGet(
            World.to(server).destination(), Target.of("/_matrix/key/v2/server"));
    return world.client().call(request, CallLimits.KEYS);
  }

  private static FederationRequest request(String server) {
    return FederationRequest.get(World.to(server), Target.of("/_matrix/federation/v1/x"));
  }

  private static void trickle(OutputStream out, CountDownLatch done) throws IOException {
    while (done.getCount() > 0) {
      out.write(' ');
      out.flush();
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void answerInPlain(ServerSocket plain) {
    try (Socket socket = plain.accept()) {
      socket
          .getOutputStream()
          .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The client has gone.
    }
  }
}
