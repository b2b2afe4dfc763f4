package org.headrace.federation.keys;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * For what the keys of a server are wanted.
 *
 * @param keyIds the keys that signed
 * @param atMillis when, in milliseconds since 1970: the latest of several signatures
 * @param enforcesValidity whether the end of a current key counts
 */
public record KeyNeed(SortedSet<String> keyIds, long atMillis, boolean enforcesValidity) {
  public KeyNeed {
    keyIds = new TreeSet<>(keyIds);
  }

  public static KeyNeed of(String keyId, long atMillis, boolean enforcesValidity) {
    return new KeyNeed(new TreeSet<>(Set.of(keyId)), atMillis, enforcesValidity);
  }

  /** Both needs in one. */
  public KeyNeed and(KeyNeed other) {
    TreeSet<String> both = new TreeSet<>(keyIds);
    both.addAll(other.keyIds);
    return new KeyNeed(
        both, Math.max(atMillis, other.atMillis), enforcesValidity || other.enforcesValidity);
  }

  boolean isMetBy(KnownKeys known) {
    return keyIds.stream().allMatch(id -> known.find(id, atMillis, enforcesValidity).isPresent());
  }
}
