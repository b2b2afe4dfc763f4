package org.headrace.standalone.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What makes a process a part of a deployment of several, and how it is watched. */
final class ClusterFlags {
  @Mixin KafkaOptions kafka = new KafkaOptions();

  @Option(
      names = "--roles",
      paramLabel = "ROLES",
      description =
          "what this process is, with commas: ingest, rooms, accounts, projector, api, federation"
              + " (HEADRACE_ROLES) [all]")
  @Nullable String roles;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description =
          "this process's name, which no other has and which it keeps (HEADRACE_NODE)"
              + " [the host's name]")
  @Nullable String node;

  @Option(
      names = "--cassandra",
      paramLabel = "HOST:PORT,…",
      description =
          "where the views are, so that processes share them (HEADRACE_CASSANDRA)"
              + " [RocksDB in the data folder]")
  @Nullable String cassandra;

  @Option(
      names = "--cassandra-config",
      paramLabel = "PATH",
      description =
          "datacenter, keyspace, replication, role, password, ca, read-consistency and"
              + " write-consistency of the connections to it: a file, or a folder with a file for"
              + " each (HEADRACE_CASSANDRA_CONFIG)")
  @Nullable String cassandraConfig;

  @Option(
      names = "--media",
      paramLabel = "DIR",
      description =
          "folder of uploads that ingest and api processes share (HEADRACE_MEDIA)"
              + " [the data folder]")
  @Nullable String media;

  @Option(
      names = "--standbys",
      paramLabel = "N",
      description =
          "further processes that keep a copy of each room's and account's store"
              + " (HEADRACE_STANDBYS) [0]")
  @Nullable String standbys;

  @Option(
      names = "--view-lag",
      paramLabel = "RECORDS",
      description =
          "how far views may be behind while this process counts as ready (HEADRACE_VIEW_LAG)"
              + " [1000]")
  @Nullable String viewLag;

  @Option(
      names = "--management-port",
      paramLabel = "N",
      description =
          "port of /health/live, /health/ready and /metrics (HEADRACE_MANAGEMENT_PORT) [none]")
  @Nullable String managementPort;

  @Option(
      names = "--management-bind",
      paramLabel = "ADDRESS",
      description = "address of that port (HEADRACE_MANAGEMENT_BIND) [127.0.0.1]")
  @Nullable String managementBind;

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      description =
          "how long to serve on, not ready, after SIGTERM, so that gateways notice"
              + " (HEADRACE_DRAIN) [0]")
  @Nullable String drain;

  void put(Map<Setting, String> flags) {
    kafka.put(flags);
    FolderOptions.put(flags, Setting.ROLES, roles);
    FolderOptions.put(flags, Setting.NODE, node);
    FolderOptions.put(flags, Setting.CASSANDRA, cassandra);
    FolderOptions.put(flags, Setting.CASSANDRA_CONFIG, cassandraConfig);
    FolderOptions.put(flags, Setting.MEDIA, media);
    FolderOptions.put(flags, Setting.STANDBYS, standbys);
    FolderOptions.put(flags, Setting.VIEW_LAG, viewLag);
    FolderOptions.put(flags, Setting.MANAGEMENT_PORT, managementPort);
    FolderOptions.put(flags, Setting.MANAGEMENT_BIND, managementBind);
    FolderOptions.put(flags, Setting.DRAIN, drain);
  }
}
