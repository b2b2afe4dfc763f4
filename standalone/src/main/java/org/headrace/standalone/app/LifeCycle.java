package org.headrace.standalone.app;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import org.headrace.ingest.effects.EffectWorker;

/**
 * Holds HTTP back until the pipeline runs (the port opens after start-up events), has what rooms
 * need from the network done, and stops the pipeline once HTTP is closed.
 */
@ApplicationScoped
public class LifeCycle {
  @Inject EffectWorker effects;

  void start(@Observes StartupEvent event) {
    Node.current().pipeline().runEffects(effects);
  }

  void stop(@Observes ShutdownEvent event) {
    Node.current().pipeline().close();
  }
}
