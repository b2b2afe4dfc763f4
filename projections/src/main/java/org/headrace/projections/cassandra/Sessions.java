package org.headrace.projections.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import java.time.Duration;

/** Opens sessions: requests go to a node that has the row, in the local datacenter. */
final class Sessions {
  private static final Duration REQUEST_MAX = Duration.ofSeconds(5);
  private static final Duration SCHEMA_MAX = Duration.ofSeconds(60);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final Duration RECONNECT_MIN = Duration.ofMillis(200);
  private static final Duration RECONNECT_MAX = Duration.ofSeconds(5);
  private static final int PAGE_ROWS = 1_000;

  private Sessions() {}

  /**
   * For tables: waits as long as a schema change may take. Does not read the tables' description
   * after each change, which the driver gathers for a second.
   */
  static CqlSession forSchema(CassandraSettings settings) {
    return builder(settings, SCHEMA_MAX, false).build();
  }

  static CqlSession forViews(CassandraSettings settings) {
    return builder(settings, REQUEST_MAX, true).withKeyspace(settings.keyspace()).build();
  }

  private static CqlSessionBuilder builder(
      CassandraSettings settings, Duration requestMax, boolean describesTables) {
    CqlSessionBuilder builder =
        CqlSession.builder()
            .addContactPoints(settings.contactPoints())
            .withLocalDatacenter(settings.localDatacenter())
            .withConfigLoader(config(requestMax, describesTables));
    settings
        .login()
        .ifPresent(login -> builder.withAuthCredentials(login.role(), login.password()));
    settings.tls().ifPresent(builder::withSslContext);
    return builder;
  }

  private static DriverConfigLoader config(Duration requestMax, boolean describesTables) {
    return DriverConfigLoader.programmaticBuilder()
        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, requestMax)
        .withInt(DefaultDriverOption.REQUEST_PAGE_SIZE, PAGE_ROWS)
        .withBoolean(DefaultDriverOption.REQUEST_LOG_WARNINGS, false)
        .withDuration(DefaultDriverOption.CONNECTION_CONNECT_TIMEOUT, CONNECT_MAX)
        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, CONNECT_MAX)
        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, CONNECT_MAX)
        .withBoolean(DefaultDriverOption.RECONNECT_ON_INIT, false)
        .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, RECONNECT_MIN)
        .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, RECONNECT_MAX)
        .withBoolean(DefaultDriverOption.METADATA_SCHEMA_ENABLED, describesTables)
        .withDuration(DefaultDriverOption.METADATA_SCHEMA_REQUEST_TIMEOUT, SCHEMA_MAX)
        .build();
  }
}
