package org.headrace.conformance.server;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.headrace.conformance.openapi.ApiDefinitions;
import org.headrace.conformance.openapi.ResponseValidator;
import org.headrace.conformance.openapi.ValidatingProxy;
import org.headrace.conformance.openapi.Violation;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One server for all test classes that do no harm to it, behind the validating proxy. A test fails
 * if any response during it was not as declared. {@code -Dheadrace.conformance.url} names a running
 * server to be used instead.
 */
public final class SharedServer
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private static final ExtensionContext.Namespace STORE =
      ExtensionContext.Namespace.create(SharedServer.class);

  /** What a test gets: where to send its requests. */
  public record Server(URI baseUrl, ValidatingProxy proxy, Optional<HeadraceProcess> process)
      implements AutoCloseable {
    @Override
    public void close() {
      proxy.close();
      process.ifPresent(HeadraceProcess::close);
    }
  }

  /** A validator over the specification's data; says so where that is absent. */
  public static Optional<ResponseValidator> validator() {
    Optional<ApiDefinitions> api = ApiDefinitions.read(Repository.specification());
    if (api.isEmpty()) {
      System.err.println(
          "Responses are NOT validated: no OpenAPI definitions at "
              + Repository.specification()
              + " (-Dheadrace.spec names another place)");
    }
    return api.map(ResponseValidator::new);
  }

  private static Server server(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(STORE)
        .computeIfAbsent(Server.class, key -> startServer(), Server.class);
  }

  private static Server startServer() {
    String given = System.getProperty("headrace.conformance.url", "");
    Optional<HeadraceProcess> process =
        given.isBlank() ? Optional.of(HeadraceProcess.start()) : Optional.empty();
    URI url = process.map(HeadraceProcess::baseUrl).orElseGet(() -> URI.create(given));
    ValidatingProxy proxy = ValidatingProxy.before(url, validator());
    return new Server(proxy.baseUrl(), proxy, process);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    server(context).proxy().takeViolations();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    failOn(server(context).proxy().takeViolations());
  }

  /** Fails with a readable list if there is any violation. */
  public static void failOn(List<Violation> violations) {
    if (!violations.isEmpty()) {
      StringBuilder text = new StringBuilder("responses are not as the specification declares:");
      violations.forEach(violation -> text.append("\n  ").append(violation));
      throw new AssertionError(text.toString());
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Server.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return server(context);
  }
}
