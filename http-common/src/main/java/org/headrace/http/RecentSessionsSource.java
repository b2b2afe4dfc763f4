package org.headrace.http;

import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Sessions that nobody hears the end of, so that none stands in. */
@ApplicationScoped
public class RecentSessionsSource {
  @Produces
  @Singleton
  @DefaultBean
  RecentSessions recentSessions() {
    return new RecentSessions(System::nanoTime);
  }
}
