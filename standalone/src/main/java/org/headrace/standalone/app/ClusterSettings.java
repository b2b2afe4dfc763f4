package org.headrace.standalone.app;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.headrace.projections.cassandra.CassandraSettings;

/**
 * What a process is in a deployment of several.
 *
 * @param node its name, which no other has, the same after a restart
 * @param kafka settings of every client: where the brokers are, how to be known to them
 * @param cassandra where the views are; empty: in RocksDB, for this process alone
 * @param data its own folder: stores, and views in RocksDB
 * @param standbys how many further processes keep a copy of each topology's store
 * @param viewLagMax records that views may be behind while the process counts as ready
 */
public record ClusterSettings(
    Set<Role> roles,
    String node,
    Map<String, Object> kafka,
    Optional<CassandraSettings> cassandra,
    Path data,
    int standbys,
    long viewLagMax) {}
