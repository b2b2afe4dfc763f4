package org.headrace.standalone.app;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import org.headrace.ingest.effects.EffectWorker;

/**
 * Holds HTTP back until the pipeline runs (the port opens after start-up events), has what rooms
 * need from the network done, lets long polls go before a stop, and stops the pipeline once HTTP is
 * closed.
 */
@ApplicationScoped
public class LifeCycle {
  @Inject Instance<EffectWorker> effects;

  void start(@Observes StartupEvent event) {
    Running pipeline = Node.current().pipeline();
    if (Node.current().has(Role.INGEST)) {
      pipeline.runEffects(effects.get());
    }
  }

  void drain(@Observes ShutdownDelayInitiatedEvent event) {
    Node.current().drain();
  }

  void stop(@Observes ShutdownEvent event) {
    Node.current().pipeline().close();
    Node.current().traces().close();
  }
}
