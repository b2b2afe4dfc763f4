package org.headrace.core.fuzz;

import java.util.random.RandomGenerator;

/** Draws from bytes instead of at random, so that the fuzzer steers a generator; then zeros. */
final class ByteSource implements RandomGenerator {
  private final byte[] bytes;
  private int at;

  ByteSource(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean isExhausted() {
    return at >= bytes.length;
  }

  private int next() {
    return isExhausted() ? 0 : Byte.toUnsignedInt(bytes[at++]);
  }

  @Override
  public int nextInt(int bound) {
    return next() % bound;
  }

  @Override
  public int nextInt(int origin, int bound) {
    return origin + next() % (bound - origin);
  }

  @Override
  public boolean nextBoolean() {
    return (next() & 1) == 1;
  }

  @Override
  public int nextInt() {
    return next();
  }

  @Override
  public long nextLong() {
    return next();
  }
}
