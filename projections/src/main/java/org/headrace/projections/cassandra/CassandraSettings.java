package org.headrace.projections.cassandra;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Where the views' Cassandra is and how it is spoken to.
 *
 * @param contactPoints some of its nodes
 * @param localDatacenter whose nodes are asked; consistency is counted there
 * @param keyspace of the views; made if it is absent and {@code replication} is given
 * @param replication CQL map for a keyspace that is to be made, such as {@code {'class':
 *     'NetworkTopologyStrategy', 'dc1': 3}}
 * @param reads how many replicas a read asks
 * @param writes how many replicas have a row before its position is shown; together with {@code
 *     reads} more than there are, or reads may miss what was shown
 * @param login empty: none is needed
 * @param tls empty: plain text
 */
public record CassandraSettings(
    List<InetSocketAddress> contactPoints,
    String localDatacenter,
    String keyspace,
    Optional<String> replication,
    Consistency reads,
    Consistency writes,
    Optional<Login> login,
    Optional<SSLContext> tls) {
  /** How many replicas answer. */
  public enum Consistency {
    LOCAL_ONE,
    LOCAL_QUORUM,
    QUORUM,
    EACH_QUORUM,
    ALL
  }

  /** A role of Cassandra's; the password is in no text of this. */
  public record Login(String role, String password) {
    @Override
    public String toString() {
      return role;
    }
  }

  public CassandraSettings {
    contactPoints = List.copyOf(contactPoints);
    if (!keyspace.matches("[a-z][a-z0-9_]{0,47}")) {
      throw new IllegalArgumentException(
          "a keyspace is named by small letters, digits and _, not " + keyspace);
    }
  }

  /** Plain text, a quorum of the local datacenter for both. */
  public static CassandraSettings of(
      List<InetSocketAddress> contactPoints, String localDatacenter, String keyspace) {
    return new CassandraSettings(
        contactPoints,
        localDatacenter,
        keyspace,
        Optional.empty(),
        Consistency.LOCAL_QUORUM,
        Consistency.LOCAL_QUORUM,
        Optional.empty(),
        Optional.empty());
  }

  public CassandraSettings withReplication(String map) {
    return new CassandraSettings(
        contactPoints, localDatacenter, keyspace, Optional.of(map), reads, writes, login, tls);
  }
}
