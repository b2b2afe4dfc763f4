package org.headrace.core.fuzz;

import java.util.Arrays;
import java.util.List;

/**
 * The entry of the fuzzer: the first byte of an input chooses what the rest is given to. A target
 * takes any bytes, and throws only if something does not hold that must. {@code conformance/fuzz}
 * runs this under Jazzer; {@link FuzzCorpusTest} replays the corpus in the build.
 */
public final class FuzzTarget {
  /** Longest input that a target looks at, in bytes. */
  static final int INPUT_BYTES_MAX = 4_096;

  /** Takes the bytes of one input. */
  @FunctionalInterface
  interface Target {
    void accept(byte[] input);
  }

  static final List<Target> TARGETS =
      List.of(
          JsonTargets::canonicalJson,
          JsonTargets::pdu,
          JsonTargets::powerLevels,
          JsonTargets::filter,
          JsonTargets::pushRules,
          JsonTargets::keys,
          TextTargets::identifiers,
          TextTargets::globs,
          RoomTargets::resolution,
          RoomTargets::conflicts);

  private FuzzTarget() {}

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length > 0 && input.length <= INPUT_BYTES_MAX) {
      TARGETS
          .get(Byte.toUnsignedInt(input[0]) % TARGETS.size())
          .accept(Arrays.copyOfRange(input, 1, input.length));
    }
  }
}
