package org.headrace.core.roomversion;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Derives one set of flags from another. */
final class Flags {
  private Flags() {}

  static <E extends Enum<E>> Set<E> plus(Set<E> flags, E added, Class<E> type) {
    EnumSet<E> result = EnumSet.noneOf(type);
    result.addAll(flags);
    result.add(added);
    return result;
  }

  static <E extends Enum<E>> Set<E> minus(Set<E> flags, E removed, Class<E> type) {
    EnumSet<E> result = EnumSet.noneOf(type);
    result.addAll(flags);
    result.remove(removed);
    return result;
  }

  static <E extends Enum<E>> Set<E> frozen(Set<E> flags, Class<E> type) {
    EnumSet<E> result = EnumSet.noneOf(type);
    result.addAll(flags);
    return Collections.unmodifiableSet(result);
  }
}
