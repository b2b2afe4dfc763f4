package org.headrace.core.pattern;

import java.util.Arrays;
import java.util.Locale;

/**
 * Glob matching as Matrix defines it: {@code *} is any run of characters, {@code ?} one character
 * (spec appendices, "Glob-style matching"). Case is ignored by {@link Locale#ROOT} lower case. Time
 * is bounded by the product of both lengths, of which the pattern's is limited.
 */
public final class Glob {
  /** Longest pattern, in UTF-16 units; a longer one matches nothing. */
  public static final int PATTERN_CHARS_MAX = 1_024;

  /** The wildcards in a compiled pattern; no code points. */
  private static final int ANY = -1;

  private static final int ONE = -2;

  private Glob() {}

  /** Whether the pattern matches the whole value. */
  public static boolean matches(String pattern, String value) {
    return isAllowed(pattern) && matchesWhole(compile(pattern), codePoints(value));
  }

  /** As {@link #matches}, with exact case and {@code *} alone as a wildcard (event filters). */
  public static boolean matchesWildcards(String pattern, String value) {
    int[] v = value.codePoints().toArray();
    int[] p = pattern.codePoints().map(c -> c == '*' ? ANY : c).toArray();
    return isAllowed(pattern) && matchesWhole(p, v);
  }

  /** Whether the pattern matches a part of the text that begins and ends at word boundaries. */
  public static boolean matchesWords(String pattern, String text) {
    return isAllowed(pattern) && matchesAPart(compile(pattern), codePoints(text));
  }

  /** As {@link #matchesWords}, where the words are text and no pattern. */
  public static boolean containsWords(String words, String text) {
    return isAllowed(words) && matchesAPart(codePoints(words), codePoints(text));
  }

  private static boolean isAllowed(String pattern) {
    return pattern.length() <= PATTERN_CHARS_MAX;
  }

  /**
   * One pass over the text for all parts of it: which prefixes of the pattern match up to here,
   * from any word boundary so far.
   */
  private static boolean matchesAPart(int[] pattern, int[] text) {
    boolean[] reached = new boolean[pattern.length + 1];
    boolean[] next = new boolean[pattern.length + 1];
    for (int at = 0; ; at++) {
      boolean boundary = isBoundary(text, at);
      if (boundary) {
        reached[0] = true;
        skipStars(pattern, reached);
        if (reached[pattern.length]) {
          return true;
        }
      }
      if (at == text.length) {
        return false;
      }
      Arrays.fill(next, false);
      for (int i = 0; i < pattern.length; i++) {
        if (reached[i]) {
          if (pattern[i] == ANY) {
            next[i] = true;
          } else if (pattern[i] == ONE || pattern[i] == text[at]) {
            next[i + 1] = true;
          }
        }
      }
      skipStars(pattern, next);
      boolean[] spare = reached;
      reached = next;
      next = spare;
    }
  }

  private static void skipStars(int[] pattern, boolean[] reached) {
    for (int i = 0; i < pattern.length; i++) {
      if (reached[i] && pattern[i] == ANY) {
        reached[i + 1] = true;
      }
    }
  }

  private static boolean matchesWhole(int[] pattern, int[] value) {
    int p = 0;
    int v = 0;
    int star = -1;
    int starValue = 0;
    while (v < value.length) {
      if (p < pattern.length && pattern[p] == ANY) {
        star = p++;
        starValue = v;
      } else if (p < pattern.length && (pattern[p] == ONE || pattern[p] == value[v])) {
        p++;
        v++;
      } else if (star >= 0) {
        p = star + 1;
        v = ++starValue;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == ANY) {
      p++;
    }
    return p == pattern.length;
  }

  private static boolean isBoundary(int[] text, int at) {
    return at == 0 || at == text.length || !isWord(text[at - 1]) || !isWord(text[at]);
  }

  private static boolean isWord(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  private static int[] compile(String pattern) {
    return pattern
        .toLowerCase(Locale.ROOT)
        .codePoints()
        .map(c -> c == '*' ? ANY : c == '?' ? ONE : c)
        .toArray();
  }

  private static int[] codePoints(String text) {
    return text.toLowerCase(Locale.ROOT).codePoints().toArray();
  }
}
