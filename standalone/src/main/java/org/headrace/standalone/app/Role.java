package org.headrace.standalone.app;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a process can be a part of a deployment as; a process may have several, or all. */
public enum Role {
  /** Takes writes over HTTP, and does what rooms need from the network. */
  INGEST,
  /** Decides what rooms are asked. */
  ROOMS,
  /** Decides what accounts are asked. */
  ACCOUNTS,
  /** Folds the logs into the views. */
  PROJECTOR,
  /** Answers reads over HTTP. */
  API,
  /** Sends to other servers. */
  FEDERATION;

  /** The roles that read views. */
  public static final Set<Role> READERS =
      Collections.unmodifiableSet(EnumSet.of(INGEST, API, FEDERATION));

  /** The roles that serve HTTP. */
  public static final Set<Role> HTTP = Collections.unmodifiableSet(EnumSet.of(INGEST, API));

  public static Set<Role> all() {
    return Collections.unmodifiableSet(EnumSet.allOf(Role.class));
  }

  public static Optional<Role> ofName(String name) {
    return Arrays.stream(values()).filter(role -> role.shown().equals(name)).findFirst();
  }

  public static boolean anyOf(Set<Role> some, Set<Role> roles) {
    return !Collections.disjoint(some, roles);
  }

  /** The name on the command line. */
  public String shown() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of these roles, with commas. */
  public static String shown(Set<Role> roles) {
    return roles.stream().map(Role::shown).collect(Collectors.joining(","));
  }
}
