package org.headrace.standalone.app;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.function.Predicate;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/**
 * Whether this process is alive ({@code /health/live}: only a new process can help if not) and
 * ready ({@code /health/ready}: it can be given work now). Each names what is amiss.
 */
@ApplicationScoped
public class NodeHealth {
  @Produces
  @ApplicationScoped
  @Liveness
  HealthCheck alive() {
    return () -> response("alive", Condition::vital, false);
  }

  @Produces
  @ApplicationScoped
  @Readiness
  HealthCheck ready() {
    return () -> response("ready", condition -> true, Node.current().isDraining());
  }

  private static HealthCheckResponse response(
      String name, Predicate<Condition> of, boolean draining) {
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name);
    boolean up = !draining;
    if (draining) {
      response.withData("drain", "the process is about to stop");
    }
    for (Condition condition : Node.current().conditions()) {
      if (of.test(condition)) {
        var unmet = condition.unmet().get();
        up &= unmet.isEmpty();
        response.withData(condition.name(), unmet.orElse("ok"));
      }
    }
    return response.status(up).build();
  }
}
