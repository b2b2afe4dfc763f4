package org.headrace.standalone;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.ServerName;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.tenant.Tenant;
import org.headrace.schema.tenant.Tenants;
import org.headrace.standalone.node.Node;
import org.headrace.standalone.node.Parts;
import org.jspecify.annotations.Nullable;

/** The process: parts first, HTTP last. */
@QuarkusMain
public class Main {
  public static void main(String[] args) throws InterruptedException {
    Tenant tenant =
        new Tenant(
            new ServerName(System.getProperty("headrace.server-name", "localhost")),
            List.of(),
            true);
    Node node =
        Node.start(
            new Node.Settings(
                Path.of(System.getProperty("headrace.data", "data")),
                "secret",
                new Partitions(2, 2),
                true),
            System.err::println);
    Parts.provide(
        node,
        new Tenants() {
          @Override
          public Optional<Tenant> find(ServerName name) {
            return name.equals(tenant.name()) ? Optional.of(tenant) : Optional.empty();
          }

          @Override
          public Tenant forHost(@Nullable String hostHeader) {
            return tenant;
          }
        });
    Quarkus.run(Http.class, args);
    node.close();
  }

  /** Serves until it is told to stop. */
  public static class Http implements QuarkusApplication {
    @Override
    public int run(String... args) {
      Quarkus.waitForExit();
      return 0;
    }
  }
}
