package org.headrace.standalone.app;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import org.headrace.federation.call.FederationCalls;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.sender.app.FederationSender;
import org.headrace.sender.delivery.FederationTransactionClient;
import org.headrace.sender.delivery.ViewsAssembly;
import org.headrace.topology.app.StreamsApp;
import org.jspecify.annotations.Nullable;

/** Runs the federation sender beside the pipeline: started after it, stopped before it. */
@ApplicationScoped
public class Outgoing {
  private static final int AFTER_PIPELINE = Interceptor.Priority.APPLICATION + 600;
  private static final int STREAM_THREADS = 1;
  private static final int BEFORE_PIPELINE = Interceptor.Priority.APPLICATION - 1;

  @Inject Instance<FederationCalls> calls;
  @Inject Instance<LocalSignatures> signatures;

  private @Nullable FederationSender sender;
  private @Nullable Thread starting;
  private volatile boolean failed;

  void start(@Observes @Priority(AFTER_PIPELINE) StartupEvent event) {
    Node node = Node.current();
    if (!node.has(Role.FEDERATION)) {
      return;
    }
    Running pipeline = node.pipeline();
    FederationSender started =
        new FederationSender(
            node.tenants(),
            pipeline.partitions(),
            pipeline.clientConfig(),
            pipeline.streamsFolder(),
            new StreamsApp.Member(pipeline.node(), STREAM_THREADS, pipeline.standbys()),
            pipeline.views().rooms(),
            new ViewsAssembly(
                pipeline.partitions(),
                pipeline.views().rooms(),
                pipeline.views().timeline(),
                pipeline.views().accounts(),
                signatures.get()),
            new FederationTransactionClient(calls.get().transactions()),
            pipeline::alarm,
            pipeline::fatal);
    sender = started;
    // HTTP need not wait for it: what is to go out is in the log.
    starting = Thread.ofPlatform().name("federation-sender-start").start(() -> start(started));
    node.watch(
        Condition.ready(
            Role.FEDERATION.shown(), started::isRunning, "its queues are on their way"));
    node.watch(
        Condition.vital(
            Role.FEDERATION.shown() + "-threads",
            () -> !failed && started.isAlive(),
            "the sender has stopped"));
  }

  private void start(FederationSender sender) {
    try {
      sender.start();
    } catch (RuntimeException e) {
      failed = true;
      Node.current().pipeline().alarm("the federation sender does not start: " + e);
    }
  }

  void stop(@Observes @Priority(BEFORE_PIPELINE) ShutdownEvent event) throws InterruptedException {
    if (starting != null) {
      starting.join();
    }
    if (sender != null) {
      sender.close();
    }
  }
}
