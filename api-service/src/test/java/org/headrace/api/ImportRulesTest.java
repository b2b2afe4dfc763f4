package org.headrace.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Services meet in topics and behind view ports only (design §3). */
class ImportRulesTest {
  private static final List<String> ALLOWED =
      List.of(
          "core.",
          "schema.",
          "log.",
          "http.",
          "api.",
          "federation.",
          "media.",
          "projections.view.");

  @Test
  void importsPortsAndNoOtherService() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      List<String> imports =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .flatMap(ImportRulesTest::lines)
              .filter(line -> line.startsWith("import org.headrace."))
              .map(line -> line.substring("import org.headrace.".length()))
              .toList();
      assertThat(imports).isNotEmpty();
      assertThat(imports).allMatch(name -> ALLOWED.stream().anyMatch(name::startsWith));
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
