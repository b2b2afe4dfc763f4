package org.headrace.standalone.app;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * What a process is in a deployment of several.
 *
 * @param node its name, which no other has, the same after a restart
 * @param kafka settings of every client: where the brokers are, how to be known to them
 * @param data its own folder: stores, and views in RocksDB
 * @param standbys how many further processes keep a copy of each topology's store
 * @param viewLagMax records that views may be behind while the process counts as ready
 */
public record ClusterSettings(
    Set<Role> roles,
    String node,
    Map<String, Object> kafka,
    Path data,
    int standbys,
    long viewLagMax) {}
