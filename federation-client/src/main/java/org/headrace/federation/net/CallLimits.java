package org.headrace.federation.net;

import java.time.Duration;

/**
 * What one request may cost.
 *
 * @param total from the call until its whole answer is read, discovery included
 * @param idle longest silence of the other side
 * @param responseBytesMax largest body of an answer
 */
public record CallLimits(Duration total, Duration idle, long responseBytesMax) {
  private static final int KIB = 1_024;
  private static final int MIB = 1_024 * KIB;

  /** A question with a short answer. */
  public static final CallLimits QUERY =
      new CallLimits(Duration.ofSeconds(30), Duration.ofSeconds(30), 8 * MIB);

  /** Keys and server information. */
  public static final CallLimits KEYS =
      new CallLimits(Duration.ofSeconds(12), Duration.ofSeconds(10), 256 * KIB);

  /** A transaction, which some servers take their time to work on. */
  public static final CallLimits TRANSACTION =
      new CallLimits(Duration.ofSeconds(60), Duration.ofSeconds(60), 1 * MIB);

  /** A template, an invite, a leave: a few events. */
  public static final CallLimits HANDSHAKE =
      new CallLimits(Duration.ofSeconds(60), Duration.ofSeconds(60), 4 * MIB);

  /** A hundred events at most, of 64 kB each. */
  public static final CallLimits EVENTS =
      new CallLimits(Duration.ofSeconds(60), Duration.ofSeconds(60), 16 * MIB);

  /**
   * The state of a room. A member event takes about 1 kB, so 50,000 members with their auth chains
   * about 100 MB; events are handed on one by one. Servers compute for long before the first byte.
   */
  public static final CallLimits STATE =
      new CallLimits(Duration.ofMinutes(10), Duration.ofMinutes(5), 512L * MIB);

  public CallLimits withTotal(Duration other) {
    return new CallLimits(other, idle.compareTo(other) < 0 ? idle : other, responseBytesMax);
  }

  public CallLimits withResponseBytesMax(long other) {
    return new CallLimits(total, idle, other);
  }
}
