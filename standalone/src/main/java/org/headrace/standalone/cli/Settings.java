package org.headrace.standalone.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one run: a flag goes before an environment variable, that before the
 * configuration file, that before the default.
 *
 * @param serverName empty where none was given: then the data folder's default tenant, or localhost
 * @param presence whether it is said and told who is there
 * @param tenants the folder of the hosted names and their keys
 * @param media the folder that processes share their uploads in; empty: the data folder has them
 * @param cluster empty where this process is a whole deployment, with a broker inside
 * @param drainSeconds how long the process still serves after it was told to stop
 * @param traces empty where none are recorded
 * @param jsonLogs whether what is logged is a JSON object on each line
 */
public record Settings(
    Optional<ServerName> serverName,
    int port,
    String bind,
    Path data,
    boolean openRegistration,
    boolean flushCommands,
    Optional<TlsSettings> tls,
    FederationOptions federation,
    boolean presence,
    Path tenants,
    Optional<Path> media,
    Optional<ClusterOptions> cluster,
    Optional<ManagementSettings> management,
    long drainSeconds,
    Optional<TraceSettings> traces,
    boolean jsonLogs) {
  static final String CONFIG_FILE = "headrace.properties";
  private static final int PORT_MAX = 65_535;
  private static final long DRAIN_SECONDS_MAX = 3_600;

  /** Resolves the settings; {@code flags} holds what the command line gave. */
  static Settings resolve(Map<Setting, String> flags, Map<String, String> environment)
      throws StartException {
    Map<Setting, String> given = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String value = environment.get(setting.variable());
      if (value != null && !value.isBlank()) {
        given.put(setting, value.strip());
      }
    }
    given.putAll(flags);
    for (Map.Entry<Setting, String> fromFile : file(given).entrySet()) {
      given.putIfAbsent(fromFile.getKey(), fromFile.getValue());
    }
    String name = given.get(Setting.SERVER_NAME);
    return new Settings(
        name == null ? Optional.empty() : Optional.of(serverName(name)),
        port(given.getOrDefault(Setting.PORT, "8008")),
        given.getOrDefault(Setting.BIND, "127.0.0.1"),
        data(given),
        yes(Setting.OPEN_REGISTRATION, given),
        !yes(Setting.UNSAFE_NO_FLUSH, given),
        TlsSettings.of(given),
        FederationOptions.of(given),
        on(Setting.PRESENCE, given),
        folder(given.get(Setting.TENANTS), data(given)),
        Optional.ofNullable(given.get(Setting.MEDIA))
            .map(folder -> Path.of(folder).toAbsolutePath().normalize()),
        ClusterOptions.of(given),
        ManagementSettings.of(given),
        ClusterOptions.number(
            Setting.DRAIN, given.getOrDefault(Setting.DRAIN, "0"), DRAIN_SECONDS_MAX),
        TraceSettings.of(given),
        jsonLogs(given));
  }

  /** Whether the folder is the one that commands use when none is named. */
  boolean isDefaultData() {
    return data.equals(data(Map.of()));
  }

  /** Of a process that serves HTTP; commands of the owner read the same settings, and need none. */
  Settings requireMedia() throws StartException {
    if (media.isEmpty() && cluster.map(ClusterOptions::sharesMedia).orElse(false)) {
      throw new StartException(
          "ingest takes uploads, and api answers with them: name the folder that they share with "
              + Setting.MEDIA.flag());
    }
    return this;
  }

  private static Path data(Map<Setting, String> given) {
    return Path.of(given.getOrDefault(Setting.DATA, "data")).toAbsolutePath().normalize();
  }

  private static Path folder(@Nullable String given, Path otherwise) {
    return given == null ? otherwise : Path.of(given).toAbsolutePath().normalize();
  }

  private static Map<Setting, String> file(Map<Setting, String> given) throws StartException {
    String named = given.get(Setting.CONFIG);
    Path file = named == null ? data(given).resolve(CONFIG_FILE) : Path.of(named);
    if (named == null && !Files.exists(file)) {
      return Map.of();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new StartException(
          "cannot read the configuration file " + file + ": " + e.getMessage());
    }
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    for (String key : properties.stringPropertyNames()) {
      Setting setting =
          Setting.ofKey(key)
              .filter(known -> known != Setting.CONFIG)
              .orElseThrow(() -> new StartException(file + " has an unknown key: " + key));
      values.put(setting, properties.getProperty(key).strip());
    }
    return values;
  }

  static ServerName serverName(String text) throws StartException {
    try {
      return new ServerName(text);
    } catch (InvalidIdException e) {
      throw new StartException("not a server name: " + text);
    }
  }

  static int port(String text) throws StartException {
    try {
      int port = Integer.parseInt(text);
      if (port >= 1 && port <= PORT_MAX) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new StartException("not a port (1 to " + PORT_MAX + "): " + text);
  }

  private static boolean jsonLogs(Map<Setting, String> given) throws StartException {
    String text = given.getOrDefault(Setting.LOG_FORMAT, "text");
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "json" -> true;
      case "text" -> false;
      default ->
          throw new StartException(Setting.LOG_FORMAT.key() + " is text or json, not " + text);
    };
  }

  private static boolean on(Setting setting, Map<Setting, String> given) throws StartException {
    String text = given.getOrDefault(setting, "on");
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "on", "true", "yes", "1" -> true;
      case "off", "false", "no", "0" -> false;
      default -> throw new StartException(setting.key() + " is on or off, not " + text);
    };
  }

  private static boolean yes(Setting setting, Map<Setting, String> given) throws StartException {
    String text = given.getOrDefault(setting, "false");
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "1", "" -> true;
      case "false", "no", "0" -> false;
      default -> throw new StartException(setting.key() + " is true or false, not " + text);
    };
  }
}
