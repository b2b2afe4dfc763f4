package org.headrace.standalone.keys;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.InvalidJsonException;
import org.headrace.core.json.Json;
import org.headrace.federation.keys.InMemoryServerKeyStore;
import org.headrace.federation.keys.KnownKeys;
import org.headrace.federation.keys.ServerKeyStore;
import org.jboss.logging.Logger;

/**
 * Other servers' keys as files of the data folder, one for each server, so that they outlive a
 * restart; those met most are in memory too. What a power cut takes is fetched again. Safe for many
 * threads.
 */
public final class FolderServerKeyStore implements ServerKeyStore {
  /** Servers whose keys are on the disk; those met beyond it are in memory alone. */
  static final int SERVERS_MAX = 100_000;

  private static final Logger LOG = Logger.getLogger(FolderServerKeyStore.class);
  private static final String SERVER_NAME = "server_name";
  private static final String INCOMING = "in";
  private static final int FOLDER_CHARS = 2;

  private final Path folder;
  private final int serversMax;
  private final InMemoryServerKeyStore memory = new InMemoryServerKeyStore();
  private final AtomicInteger servers;

  public FolderServerKeyStore(Path folder) throws IOException {
    this(folder, SERVERS_MAX);
  }

  FolderServerKeyStore(Path folder, int serversMax) throws IOException {
    this.folder = folder;
    this.serversMax = serversMax;
    Files.createDirectories(folder);
    int found = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (file.getFileName().toString().startsWith(INCOMING)) {
          Files.delete(file);
        } else {
          found++;
        }
      }
    }
    servers = new AtomicInteger(found);
  }

  @Override
  public Optional<KnownKeys> load(ServerName server) {
    Optional<KnownKeys> known = memory.load(server);
    if (known.isPresent()) {
      return known;
    }
    Optional<KnownKeys> read = read(server);
    read.ifPresent(keys -> memory.save(server, keys));
    return read;
  }

  private Optional<KnownKeys> read(ServerName server) {
    try {
      ObjectNode json = Json.parseObject(Files.readAllBytes(file(server)));
      return json.path(SERVER_NAME).asText().equals(server.value())
          ? Optional.of(KnownKeys.fromJson(json))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | InvalidJsonException e) {
      LOG.warnf("The keys of %s cannot be read and are fetched again: %s", server, e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void save(ServerName server, KnownKeys keys) {
    memory.save(server, keys);
    Path file = file(server);
    try {
      boolean isNew = !Files.exists(file);
      if (isNew && servers.get() >= serversMax) {
        return;
      }
      Files.createDirectories(file.getParent());
      Path incoming = Files.createTempFile(file.getParent(), INCOMING, "");
      Files.write(incoming, Json.bytes(keys.toJson().put(SERVER_NAME, server.value())));
      Files.move(
          incoming, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (isNew) {
        servers.incrementAndGet();
      }
    } catch (IOException e) {
      LOG.warnf("The keys of %s cannot be kept: %s", server, e.getMessage());
    }
  }

  /** By its hash: a server may be called {@code ..}. */
  private Path file(ServerName server) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String name =
          HexFormat.of()
              .formatHex(digest.digest(server.value().getBytes(StandardCharsets.US_ASCII)));
      return folder.resolve(name.substring(0, FOLDER_CHARS)).resolve(name + ".json");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
