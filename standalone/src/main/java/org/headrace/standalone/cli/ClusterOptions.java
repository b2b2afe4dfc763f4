package org.headrace.standalone.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.headrace.projections.cassandra.CassandraSettings;
import org.headrace.standalone.app.ClusterSettings;
import org.headrace.standalone.app.Role;
import org.jspecify.annotations.Nullable;

/**
 * What a process is told of the deployment that it is a part of.
 *
 * @param node its name among the processes, which no other has
 * @param cassandra where the views are; empty: in RocksDB, for this process alone
 * @param standbys how many further processes keep a copy of each store
 * @param viewLagMax records that views may be behind while the process is ready
 */
record ClusterOptions(
    Set<Role> roles,
    String node,
    KafkaSettings kafka,
    Optional<CassandraSettings> cassandra,
    int standbys,
    long viewLagMax) {
  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final int STANDBYS_MAX = 10;
  private static final String VIEW_LAG_DEFAULT = "1000";

  static Optional<ClusterOptions> of(Map<Setting, String> given) throws StartException {
    Optional<KafkaSettings> kafka = KafkaSettings.of(given);
    if (kafka.isEmpty()) {
      for (Setting setting :
          List.of(
              Setting.ROLES,
              Setting.NODE,
              Setting.CASSANDRA,
              Setting.CASSANDRA_CONFIG,
              Setting.MEDIA,
              Setting.STANDBYS,
              Setting.VIEW_LAG)) {
        if (given.containsKey(setting)) {
          throw new StartException(setting.flag() + " needs " + Setting.KAFKA.flag());
        }
      }
      return Optional.empty();
    }
    if (given.containsKey(Setting.UNSAFE_NO_FLUSH)) {
      throw new StartException(
          Setting.UNSAFE_NO_FLUSH.flag() + " is of the broker inside; the brokers are elsewhere");
    }
    Set<Role> roles = roles(given.get(Setting.ROLES));
    Optional<CassandraSettings> cassandra = CassandraOptions.of(given);
    if (cassandra.isEmpty()) {
      requireViewsOfItsOwn(roles);
    }
    return Optional.of(
        new ClusterOptions(
            roles,
            node(given.get(Setting.NODE)),
            kafka.get(),
            cassandra,
            (int) number(Setting.STANDBYS, given.getOrDefault(Setting.STANDBYS, "0"), STANDBYS_MAX),
            number(
                Setting.VIEW_LAG,
                given.getOrDefault(Setting.VIEW_LAG, VIEW_LAG_DEFAULT),
                Long.MAX_VALUE)));
  }

  /** Views in RocksDB are read and written by one process. */
  private static void requireViewsOfItsOwn(Set<Role> roles) throws StartException {
    boolean reads = Role.anyOf(Role.READERS, roles);
    boolean writes = roles.contains(Role.PROJECTOR);
    if (reads && !writes) {
      throw new StartException(
          Role.shown(roles)
              + " read views: say where with "
              + Setting.CASSANDRA.flag()
              + ", or add projector to this process");
    }
    if (writes && !reads) {
      throw new StartException(
          "a projector's views would be of use to nobody: say where they are with "
              + Setting.CASSANDRA.flag());
    }
  }

  /**
   * Whether others take the uploads that this process answers with, or answer with those that it
   * takes: where it has one of the roles alone, and where views are shared, so that others may have
   * both, too.
   */
  boolean sharesMedia() {
    boolean both = roles.contains(Role.INGEST) && roles.contains(Role.API);
    return Role.anyOf(Role.HTTP, roles) && (!both || cassandra.isPresent());
  }

  private static Set<Role> roles(@Nullable String text) throws StartException {
    if (text == null) {
      return Role.all();
    }
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : text.split(",", -1)) {
      roles.add(
          Role.ofName(name.strip())
              .orElseThrow(
                  () ->
                      new StartException(
                          "no such role: " + name + "; there are " + Role.shown(Role.all()))));
    }
    return roles;
  }

  private static String node(@Nullable String text) throws StartException {
    String name = text;
    if (name == null) {
      try {
        name = InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        throw new StartException("this host has no name; give one with " + Setting.NODE.flag());
      }
    }
    if (!NODE.matcher(name).matches()) {
      throw new StartException(
          "not a node's name (letters, digits, dots, dashes, 100 at most): " + name);
    }
    return name;
  }

  static long number(Setting setting, String text, long max) throws StartException {
    try {
      long value = Long.parseLong(text);
      if (value >= 0 && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new StartException(
        setting.key()
            + " must be a number from 0"
            + (max == Long.MAX_VALUE ? " on" : " to " + max)
            + ", not "
            + text);
  }

  ClusterSettings settings(Path data) {
    return new ClusterSettings(
        roles, node, kafka.clientConfig(), cassandra, data, standbys, viewLagMax);
  }
}
