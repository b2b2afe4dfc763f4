package org.headrace.standalone.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.headrace.core.id.ServerName;
import org.headrace.federation.keys.KnownKeys;
import org.headrace.federation.keys.VerifyKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderServerKeyStoreTest {
  private static final ServerName A = new ServerName("a.example");
  private static final ServerName DOTS = new ServerName("..");

  @TempDir Path folder;

  private static KnownKeys keys(long fetched) {
    TreeMap<String, VerifyKey> keys = new TreeMap<>();
    keys.put("ed25519:1", new VerifyKey("ed25519:1", "A".repeat(43), 99, false));
    return new KnownKeys(keys, fetched);
  }

  private FolderServerKeyStore store() throws IOException {
    return new FolderServerKeyStore(folder);
  }

  @Test
  void keysOutliveTheProcess() throws IOException {
    FolderServerKeyStore store = store();
    assertThat(store.load(A)).isEmpty();
    store.save(A, keys(1));
    store.save(A, keys(2));
    store.save(DOTS, keys(3));
    assertThat(store.load(A)).contains(keys(2));
    assertThat(store().load(A)).contains(keys(2));
    assertThat(store().load(DOTS)).contains(keys(3));
  }

  @Test
  void whatIsDamagedIsUnknown() throws IOException {
    store().save(A, keys(1));
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(file, "{\"keys\":");
      }
    }
    assertThat(store().load(A)).isEmpty();
  }

  @Test
  void theDiskHoldsSoManyServers() throws IOException {
    FolderServerKeyStore store = new FolderServerKeyStore(folder, 1);
    store.save(A, keys(1));
    store.save(DOTS, keys(2));
    store.save(A, keys(3));
    assertThat(store.load(DOTS)).contains(keys(2));
    assertThat(store().load(DOTS)).isEmpty();
    assertThat(store().load(A)).contains(keys(3));
  }
}
