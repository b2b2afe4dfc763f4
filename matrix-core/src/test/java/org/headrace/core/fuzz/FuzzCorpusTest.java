package org.headrace.core.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What the fuzzer kept, given to its targets again: one input a line, in base64. A failure prints
 * its line; {@code conformance/fuzz} says how the file is made.
 */
class FuzzCorpusTest {

  @Test
  void nothingInTheCorpusBreaksATarget() throws IOException {
    List<String> lines = corpus();
    for (String line : lines) {
      try {
        FuzzTarget.fuzzerTestOneInput(Base64.getDecoder().decode(line));
      } catch (Throwable failure) {
        throw new AssertionError("input " + line + ": " + failure, failure);
      }
    }
  }

  @Test
  void theCorpusReachesEveryTarget() throws IOException {
    SortedSet<Integer> reached = new TreeSet<>();
    for (String line : corpus()) {
      byte[] input = Base64.getDecoder().decode(line);
      reached.add(Byte.toUnsignedInt(input[0]) % FuzzTarget.TARGETS.size());
    }
    assertThat(reached).hasSameSizeAs(FuzzTarget.TARGETS);
  }

  private static List<String> corpus() throws IOException {
    List<String> lines = new ArrayList<>();
    try (InputStream in = FuzzCorpusTest.class.getResourceAsStream("/fuzz/corpus.txt")) {
      assertThat(in).isNotNull();
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, US_ASCII));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isEmpty()) {
          lines.add(line);
        }
      }
    }
    return lines;
  }
}
