package org.headrace.cassandra;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds a Java 17: Cassandra 5 does not start on later ones, which have no security manager. */
final class Java17 {
  static final String VARIABLE = "JAVA17_HOME";

  private static final Path JVMS = Path.of("/usr/lib/jvm");

  private Java17() {}

  /**
   * The {@code java} command of a Java 17.
   *
   * @throws IllegalStateException there is none; says what to do
   */
  static Path command() {
    return candidates().stream()
        .filter(Java17::isSeventeen)
        .map(home -> home.resolve("bin/java"))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Cassandra runs on Java 17, and there is none in "
                        + JVMS
                        + ": install it (Debian: apt-get install openjdk-17-jre-headless) or set "
                        + VARIABLE));
  }

  private static List<Path> candidates() {
    List<Path> homes = new ArrayList<>();
    Optional.ofNullable(System.getenv(VARIABLE)).map(Path::of).ifPresent(homes::add);
    if (Files.isDirectory(JVMS)) {
      try (Stream<Path> found = Files.list(JVMS)) {
        found.sorted().forEach(homes::add);
      } catch (IOException e) {
        throw new IllegalStateException(JVMS + " cannot be read", e);
      }
    }
    return homes;
  }

  private static boolean isSeventeen(Path home) {
    Path release = home.resolve("release");
    if (!Files.isExecutable(home.resolve("bin/java")) || !Files.isRegularFile(release)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(release)) {
      return lines.anyMatch(line -> line.startsWith("JAVA_VERSION=\"17"));
    } catch (IOException e) {
      return false;
    }
  }
}
