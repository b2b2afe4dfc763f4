package org.headrace.federation.signatures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.federation.fixture.TestTenants.key;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.client.XMatrix;
import org.headrace.federation.fixture.KeyDocument;
import org.headrace.federation.fixture.RemoteServer;
import org.headrace.federation.fixture.World;
import org.headrace.federation.signatures.Authentication.Accepted;
import org.headrace.federation.signatures.Authentication.Cause;
import org.headrace.federation.signatures.Authentication.Refused;
import org.headrace.federation.signatures.RequestAuthenticator.Inbound;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestAuthenticatorTest {
  private static final SigningKey KEY = key("a", "ed25519:1");
  private static final SigningKey OLD = key("a", "ed25519:old");
  private static final String URI = "/_matrix/federation/v1/send/1?a=%C3%B6";
  private static final ObjectNode BODY = Json.object().put("a", 1);

  @TempDir Path folder;
  private World world;
  private RemoteServer server;
  private ServerName origin;
  private RequestAuthenticator authenticator;

  @BeforeEach
  void open() {
    world = new World(folder);
    server =
        new RemoteServer(
            world.authority.serverFor("127.0.0.1"),
            exchange ->
                RemoteServer.send(
                    exchange,
                    200,
                    new KeyDocument(
                            exchange.getRequestHeaders().getFirst("Host"),
                            world.clock.millis() + Duration.ofDays(1).toMillis())
                        .with(KEY)
                        .withOld(OLD, world.clock.millis() + 1_000)
                        .signed()
                        .toString()));
    origin = new ServerName("127.0.0.1:" + server.port());
    authenticator = world.federation().authenticator();
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    world.close();
  }

  @Test
  void acceptsWhatTheOriginSigned() {
    assertThat(authenticate(header(World.HERE, KEY))).isEqualTo(new Accepted(origin, World.HERE));
  }

  @Test
  void acceptsARequestWithoutBody() {
    XMatrix.Signed get = new XMatrix.Signed("GET", URI, origin, World.HERE, XMatrix.Content.NONE);
    Inbound inbound = new Inbound("GET", URI, List.of(XMatrix.header(get, KEY)), Optional.empty());
    assertThat(authenticator.authenticate(inbound, XMatrix.Content.NONE))
        .isEqualTo(new Accepted(origin, World.HERE));
  }

  @Test
  void theDestinationCountsAndNotTheHost() {
    ServerName other = new ServerName("other-tenant.example");
    Inbound inbound = new Inbound("PUT", URI, List.of(header(other, KEY)), Optional.of(World.HERE));
    assertThat(authenticator.authenticate(inbound, XMatrix.Content.of(BODY)))
        .isEqualTo(new Accepted(origin, other));
  }

  @Test
  void anOldServersRequestIsForTheHost() {
    String header = header(World.HERE, KEY).replace("destination=\"here.example\",", "");
    assertThat(XMatrix.parse(header).destination()).isEmpty();
    Inbound inbound = new Inbound("PUT", URI, List.of(header), Optional.of(World.HERE));
    assertThat(authenticator.authenticate(inbound, XMatrix.Content.of(BODY)))
        .isEqualTo(new Accepted(origin, World.HERE));
    assertRefused(authenticate(header), Cause.WRONG_DESTINATION, 401);
    Inbound elsewhere =
        new Inbound(
            "PUT", URI, List.of(header), Optional.of(new ServerName("other-tenant.example")));
    assertRefused(
        authenticator.authenticate(elsewhere, XMatrix.Content.of(BODY)), Cause.BAD_SIGNATURE, 401);
  }

  @Test
  void refusesAnotherDestinationWith401() {
    assertRefused(
        authenticate(header(new ServerName("elsewhere.example"), KEY)),
        Cause.WRONG_DESTINATION,
        401);
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void oneOfSeveralSignaturesIsEnough() {
    SigningKey unknown = key("a", "ed25519:unknown");
    assertThat(authenticate(header(World.HERE, unknown), header(World.HERE, KEY)))
        .isEqualTo(new Accepted(origin, World.HERE));
    assertThat(authenticate("Bearer abc", header(World.HERE, KEY)))
        .isEqualTo(new Accepted(origin, World.HERE));
  }

  @Test
  void refusesHeadersThatContradictEachOther() {
    String other = header(World.HERE, KEY).replace(origin.value(), "other.example");
    assertRefused(authenticate(header(World.HERE, KEY), other), Cause.MALFORMED, 401);
    String elsewhere = header(new ServerName("other-tenant.example"), KEY);
    assertRefused(authenticate(header(World.HERE, KEY), elsewhere), Cause.MALFORMED, 401);
  }

  @Test
  void looksAtAFewHeadersOnly() {
    String header = header(World.HERE, KEY);
    List<String> most = Collections.nCopies(RequestAuthenticator.HEADERS_MAX, header);
    assertThat(authenticate(most.toArray(String[]::new))).isInstanceOf(Accepted.class);
    List<String> more = Collections.nCopies(RequestAuthenticator.HEADERS_MAX + 1, header);
    assertRefused(authenticate(more.toArray(String[]::new)), Cause.MALFORMED, 401);
  }

  @Test
  void refusesARequestWithoutHeader() {
    assertRefused(authenticate(), Cause.MISSING, 401);
    assertRefused(authenticate("Bearer abc"), Cause.MISSING, 401);
    assertRefused(authenticate("X-Matrix nonsense"), Cause.MALFORMED, 401);
  }

  @Test
  void refusesAForgedRequest() {
    assertRefused(
        authenticate(header(World.HERE, key("mallory", "ed25519:1"))), Cause.BAD_SIGNATURE, 401);
    Inbound replayed =
        new Inbound("PUT", URI + "1", List.of(header(World.HERE, KEY)), Optional.empty());
    assertRefused(
        authenticator.authenticate(replayed, XMatrix.Content.of(BODY)), Cause.BAD_SIGNATURE, 401);
    Inbound inbound = new Inbound("PUT", URI, List.of(header(World.HERE, KEY)), Optional.empty());
    assertRefused(
        authenticator.authenticate(inbound, XMatrix.Content.of(Json.object().put("a", 2))),
        Cause.BAD_SIGNATURE,
        401);
    assertRefused(
        authenticator.authenticate(inbound, XMatrix.Content.NONE), Cause.BAD_SIGNATURE, 401);
  }

  /** Old keys sign events alone. */
  @Test
  void refusesAnOldKey() {
    assertRefused(authenticate(header(World.HERE, OLD)), Cause.KEY_UNKNOWN, 401);
  }

  @Test
  void refusesAKeyWhoseTimeIsOver() {
    assertThat(authenticate(header(World.HERE, KEY))).isInstanceOf(Accepted.class);
    server.close();
    world.clock.advance(Duration.ofDays(1));
    assertThat(authenticate(header(World.HERE, KEY))).isInstanceOf(Accepted.class);
    world.clock.advance(Duration.ofMillis(1));
    assertRefused(authenticate(header(World.HERE, KEY)), Cause.KEY_UNKNOWN, 401);
  }

  @Test
  void refusesDeniedOriginsWith403BeforeAskingForKeys() {
    world.policy(FederationPolicy.onlyWith("*.example"));
    authenticator = world.federation().authenticator();
    assertRefused(authenticate(header(World.HERE, KEY)), Cause.DENIED, 403);
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void refusesATenantAsOrigin() {
    ServerName other = new ServerName("other-tenant.example");
    XMatrix.Signed signed =
        new XMatrix.Signed("PUT", URI, other, World.HERE, XMatrix.Content.of(BODY));
    assertRefused(
        authenticate(XMatrix.header(signed, world.tenants.current(other))), Cause.DENIED, 403);
  }

  @Test
  void aClaimIsReadFromTheHeadersAlone() {
    Inbound inbound =
        new Inbound(
            "PUT", URI, List.of(header(World.HERE, key("mallory", "ed25519:1"))), Optional.empty());
    assertThat(authenticator.claim(inbound)).isEqualTo(new Accepted(origin, World.HERE));
    assertThat(server.requests()).isEmpty();
  }

  private Authentication authenticate(String... headers) {
    Inbound inbound = new Inbound("PUT", URI, List.of(headers), Optional.empty());
    return authenticator.authenticate(inbound, XMatrix.Content.of(BODY));
  }

  private String header(ServerName destination, SigningKey key) {
    return XMatrix.header(
        new XMatrix.Signed("PUT", URI, origin, destination, XMatrix.Content.of(BODY)), key);
  }

  private static void assertRefused(Authentication result, Cause cause, int status) {
    assertThat(result).isInstanceOf(Refused.class);
    assertThat(((Refused) result).cause()).isEqualTo(cause);
    assertThat(((Refused) result).status()).isEqualTo(status);
  }
}
