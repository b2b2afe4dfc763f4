package org.headrace.conformance.server;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where things lie in the checkout that the tests run in. */
public final class Repository {
  private Repository() {}

  /**
   * The repository's root: {@code -Dheadrace.root}, else the nearest parent that has this module.
   */
  public static Path root() {
    String given = System.getProperty("headrace.root", "");
    if (!given.isBlank()) {
      return Path.of(given).toAbsolutePath();
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isRegularFile(at.resolve("conformance/pom.xml"))) {
        return at;
      }
    }
    throw new IllegalStateException("not inside a checkout; give -Dheadrace.root");
  }

  /** The specification's data files: {@code -Dheadrace.spec}, else beside the repository. */
  public static Path specification() {
    String given = System.getProperty("headrace.spec", "");
    return given.isBlank()
        ? root().resolve("../shared/spec/data").normalize()
        : Path.of(given).toAbsolutePath();
  }
}
