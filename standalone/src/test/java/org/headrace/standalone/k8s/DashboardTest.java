package org.headrace.standalone.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the dashboard shows is measured. */
class DashboardTest {
  private static final Pattern SHOWN = Pattern.compile("headrace(_[a-z]+)+");
  private static final Pattern MEASURING = Pattern.compile(".*(Measures|NodeMetrics)\\.java");
  private static final Pattern MEASURED = Pattern.compile("\"(headrace(\\.[a-z]+)+)\"");

  @Test
  void everyMeasureOnTheDashboardIsOneOfTheProgram() throws IOException {
    JsonNode dashboard =
        new ObjectMapper().readTree(Manifests.FOLDER.resolve("base/dashboard.json").toFile());
    Set<String> shown = new TreeSet<>();
    for (JsonNode expression : dashboard.findValues("expr")) {
      SHOWN.matcher(expression.asText()).results().forEach(found -> shown.add(found.group()));
    }
    Set<String> measured = new TreeSet<>();
    Path sources = Manifests.ROOT.resolve("standalone/src/main/java");
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(f -> MEASURING.matcher(f.toString()).matches()).toList()) {
        MEASURED
            .matcher(Files.readString(file))
            .results()
            .forEach(found -> measured.add(found.group(1).replace('.', '_')));
      }
    }
    assertThat(shown).isNotEmpty();
    assertThat(measured).containsAll(shown);
  }
}
