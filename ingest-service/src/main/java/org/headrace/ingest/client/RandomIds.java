package org.headrace.ingest.client;

/** Readable random identifiers. */
public final class RandomIds {
  private static final String UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final String LOWER_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
  private static final String LETTERS = UPPER + "abcdefghijklmnopqrstuvwxyz";

  private RandomIds() {}

  /** {@code count} upper-case letters, for device ids. */
  public static String upper(RandomSource random, int count) {
    return of(random, UPPER, count);
  }

  /** {@code count} lower-case letters and digits, for localparts. */
  public static String lower(RandomSource random, int count) {
    return of(random, LOWER_AND_DIGITS, count);
  }

  /** {@code count} letters, for room ids and sessions. */
  public static String letters(RandomSource random, int count) {
    return of(random, LETTERS, count);
  }

  /** The small bias of the remainder does not matter at these lengths. */
  private static String of(RandomSource random, String alphabet, int count) {
    StringBuilder id = new StringBuilder(count);
    for (byte b : random.bytes(count)) {
      id.append(alphabet.charAt(Byte.toUnsignedInt(b) % alphabet.length()));
    }
    return id.toString();
  }
}
