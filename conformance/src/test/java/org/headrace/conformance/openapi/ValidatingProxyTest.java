package org.headrace.conformance.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.headrace.conformance.client.Client;
import org.headrace.conformance.client.Json;
import org.headrace.conformance.client.Reply;
import org.headrace.conformance.server.Repository;
import org.junit.jupiter.api.Test;

/** The proxy before a server of ten lines. */
class ValidatingProxyTest {

  private static HttpServer server(String answer) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] request = exchange.getRequestBody().readAllBytes();
          String text =
              answer
                  .replace("BODY", new String(request, StandardCharsets.UTF_8))
                  .replace("TARGET", exchange.getRequestMethod() + " " + exchange.getRequestURI())
                  .replace("HOST", exchange.getRequestHeaders().getFirst("Host"));
          byte[] body = text.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static URI url(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Test
  void forwardsRequestAndAnswerUnchanged() throws IOException {
    HttpServer server = server("{\"target\": \"TARGET\", \"body\": BODY, \"host\": \"HOST\"}");
    try (ValidatingProxy proxy = ValidatingProxy.before(url(server), Optional.empty())) {
      Client client = Client.nobodyAt(proxy.baseUrl(), "tenant.example");
      Reply reply = client.put("/a%2Fb/%21x?since=1%2B2", Json.object("n", 1));
      assertThat(reply.ok().path("target").asText()).isEqualTo("PUT /a%2Fb/%21x?since=1%2B2");
      assertThat(reply.ok().path("body").path("n").asInt()).isEqualTo(1);
      assertThat(reply.ok().path("host").asText()).isEqualTo("tenant.example");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void collectsViolationsAndDropsConnectionsWhenTheServerIsAway() throws IOException {
    Optional<ApiDefinitions> api = ApiDefinitions.read(Repository.specification());
    assumeTrue(api.isPresent(), "skipped: no specification data at " + Repository.specification());
    HttpServer server = server("{\"versions\": 1}");
    try (ValidatingProxy proxy =
        ValidatingProxy.before(url(server), api.map(ResponseValidator::new))) {
      Client client = Client.nobody(proxy.baseUrl());
      assertThat(client.get("/_matrix/client/versions").status()).isEqualTo(200);
      assertThat(proxy.judged()).isEqualTo(1);
      assertThat(proxy.takeViolations())
          .anySatisfy(violation -> assertThat(violation.pointer()).isEqualTo("/versions"))
          .anySatisfy(
              violation -> assertThat(violation.pointer()).contains("access-control-allow-origin"));
      assertThat(proxy.takeViolations()).isEmpty();
      server.stop(0);
      assertThatThrownBy(() -> client.get("/_matrix/client/versions"))
          .isInstanceOf(UncheckedIOException.class);
    } finally {
      server.stop(0);
    }
  }
}
