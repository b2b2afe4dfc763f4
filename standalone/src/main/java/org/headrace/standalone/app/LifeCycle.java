package org.headrace.standalone.app;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Holds HTTP back until the pipeline runs (the port opens after start-up events), and stops the
 * pipeline once HTTP is closed.
 */
@ApplicationScoped
public class LifeCycle {
  void start(@Observes StartupEvent event) {
    Node.current().pipeline();
  }

  void stop(@Observes ShutdownEvent event) {
    Node.current().pipeline().close();
  }
}
