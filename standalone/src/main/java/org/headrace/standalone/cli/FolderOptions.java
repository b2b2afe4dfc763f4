package org.headrace.standalone.cli;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which data folder a command works on. */
public final class FolderOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "everything the server keeps (HEADRACE_DATA) [./data]")
  @Nullable String data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "configuration file (HEADRACE_CONFIG) [headrace.properties in the data folder]")
  @Nullable String config;

  @Option(
      names = "--tenants",
      paramLabel = "DIR",
      description =
          "folder of the hosted names and their keys, if it is shared (HEADRACE_TENANTS)"
              + " [the data folder]")
  @Nullable String tenants;

  Map<Setting, String> flags() {
    Map<Setting, String> flags = new EnumMap<>(Setting.class);
    put(flags, Setting.DATA, data);
    put(flags, Setting.CONFIG, config);
    put(flags, Setting.TENANTS, tenants);
    return flags;
  }

  Settings settings() throws StartException {
    return Settings.resolve(flags(), System.getenv());
  }

  static void put(Map<Setting, String> flags, Setting setting, @Nullable String value) {
    if (value != null) {
      flags.put(setting, value);
    }
  }
}
