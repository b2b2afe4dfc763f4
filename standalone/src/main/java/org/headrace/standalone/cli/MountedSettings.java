package org.headrace.standalone.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Settings of which some are secrets, so that they are on no command line: a file of properties, or
 * a folder with a file for each, which is what Kubernetes mounts.
 */
final class MountedSettings {
  private MountedSettings() {}

  static Map<String, String> read(Setting setting, Path path) throws StartException {
    try {
      return Files.isDirectory(path) ? files(path) : properties(path);
    } catch (IOException | IllegalArgumentException e) {
      throw new StartException(setting.flag() + ": cannot read " + path);
    }
  }

  private static Map<String, String> properties(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    Map<String, String> settings = new TreeMap<>();
    for (String key : properties.stringPropertyNames()) {
      settings.put(key, properties.getProperty(key).strip());
    }
    return settings;
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> settings = new TreeMap<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.toList()) {
        String name = entry.getFileName().toString();
        // The files of a mounted Secret are in hidden folders, and linked to.
        if (!name.startsWith(".")) {
          settings.put(name, Files.readString(entry).strip());
        }
      }
    }
    return settings;
  }
}
