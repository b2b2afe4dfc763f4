package org.headrace.standalone.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What may not be written anywhere in the tree. */
class RepositoryTest {
  private static final Path ROOT = root();
  private static final Set<String> SKIPPED =
      Set.of(".git", "target", "node_modules", "data", "results");
  private static final Pattern TEXT =
      Pattern.compile(".*\\.(java|md|xml|properties|mjs|json|sh|cql)|headrace|run|LICENSE|NOTICE");

  /** In parts, so that this file does not hold what it looks for. */
  private static final Pattern MACHINE_PATH =
      Pattern.compile("(?<![\\w.$}])/(" + "ho" + "me|ro" + "ot|wo" + "rk)/");

  private static final Pattern UNORDERED =
      Pattern.compile("new Hash" + "(Map|Set)<|Collectors\\.to" + "Set\\(");

  private static final List<String> DETERMINISTIC =
      List.of("matrix-core", "schemas", "stateres-stream", "account-stream");

  @Test
  void noPathOfSomeonesMachine() throws IOException {
    assertThat(lines(MACHINE_PATH, "")).isEmpty();
  }

  @Test
  void noUnorderedCollectionWhereOrderIsDecided() throws IOException {
    List<String> found = new ArrayList<>();
    for (String module : DETERMINISTIC) {
      found.addAll(lines(UNORDERED, module + "/src/main"));
    }
    found.addAll(lines(UNORDERED, "projections/src/main/java/org/headrace/projections/fold"));
    found.removeIf(line -> line.endsWith("// Never iterated."));
    assertThat(found).isEmpty();
  }

  /** What may be in a partition of each of Cassandra's tables is written down. */
  @Test
  void everyTableOfCassandraHasABound() throws IOException {
    Pattern table = Pattern.compile("CREATE TABLE IF NOT EXISTS (\\w+)");
    String views = Files.readString(ROOT.resolve("docs/views.md"));
    List<String> unbounded = new ArrayList<>();
    int tables = 0;
    for (Path file : files("projections/src/main/resources")) {
      if (file.toString().endsWith(".cql")) {
        var matcher = table.matcher(Files.readString(file));
        while (matcher.find()) {
          tables++;
          String name = matcher.group(1);
          String family = "`*_" + name.substring(name.indexOf('_') + 1) + "`";
          if (!views.contains("`" + name + "`") && !views.contains(family)) {
            unbounded.add(name);
          }
        }
      }
    }
    assertThat(tables).isGreaterThan(40);
    assertThat(unbounded).isEmpty();
  }

  /** It would read whole tables. */
  @Test
  void nothingIsFilteredByCassandra() throws IOException {
    Pattern filtering = Pattern.compile("(?i)allow\\s+filtering");
    assertThat(lines(filtering, "projections/src/main")).isEmpty();
  }

  @Test
  void everyLinkInTheDocumentsLeadsSomewhere() throws IOException {
    Pattern link = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");
    List<String> broken = new ArrayList<>();
    for (Path file : files("")) {
      if (file.toString().endsWith(".md")) {
        var matcher = link.matcher(Files.readString(file));
        while (matcher.find()) {
          if (!Files.exists(file.resolveSibling(matcher.group(1)))) {
            broken.add(ROOT.relativize(file) + " → " + matcher.group(1));
          }
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  private static List<String> lines(Pattern pattern, String under) throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : files(under)) {
      List<String> lines;
      try {
        lines = Files.readAllLines(file);
      } catch (MalformedInputException notText) {
        continue;
      }
      for (int i = 0; i < lines.size(); i++) {
        if (pattern.matcher(lines.get(i)).find()) {
          found.add(ROOT.relativize(file) + ":" + (i + 1) + ": " + lines.get(i).strip());
        }
      }
    }
    return found;
  }

  private static List<Path> files(String under) throws IOException {
    List<Path> found = new ArrayList<>();
    collect(ROOT.resolve(under), found);
    return found;
  }

  private static void collect(Path folder, List<Path> found) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.sorted().toList()) {
        if (Files.isDirectory(entry)) {
          if (!SKIPPED.contains(entry.getFileName().toString())) {
            collect(entry, found);
          }
        } else if (TEXT.matcher(entry.getFileName().toString()).matches()) {
          found.add(entry);
        }
      }
    }
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("headrace"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
