package org.headrace.standalone.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicLong;
import org.headrace.core.id.ServerName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTenantsTest {
  private static final ServerName FIRST = new ServerName("first.example");
  private static final ServerName SECOND = new ServerName("second.example:8448");

  @TempDir Path data;
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void theHostHeaderNamesTheTenant() throws Exception {
    TenantFile file = new TenantFile(data);
    file.add(FIRST);
    file.add(SECOND);
    FileTenants tenants = new FileTenants(file, FIRST, false, nanos::get);
    assertThat(tenants.forHost("second.example:8448").name()).isEqualTo(SECOND);
    assertThat(tenants.forHost("first.example:8008").name()).isEqualTo(FIRST);
    assertThat(tenants.forHost("second.example").name()).isEqualTo(FIRST);
    assertThat(tenants.forHost("not a host").name()).isEqualTo(FIRST);
    assertThat(tenants.forHost("[::1]").name()).isEqualTo(FIRST);
    assertThat(tenants.forHost("").name()).isEqualTo(FIRST);
    assertThat(tenants.forHost(null).name()).isEqualTo(FIRST);
  }

  @Test
  void aNameAddedWhileItRunsIsKnownSoon() throws Exception {
    TenantFile file = new TenantFile(data);
    file.add(FIRST);
    FileTenants tenants = new FileTenants(file, FIRST, true, nanos::get);
    assertThat(tenants.isHosted(SECOND)).isFalse();
    assertThat(tenants.isAlone(FIRST)).isTrue();
    assertThat(tenants.isAlone(SECOND)).isFalse();
    file.add(SECOND);
    Files.setLastModifiedTime(data.resolve("tenants.json"), FileTime.fromMillis(1));
    nanos.addAndGet(2_000_000_000L);
    assertThat(tenants.isHosted(SECOND)).isTrue();
    assertThat(tenants.isAlone(FIRST)).isFalse();
    assertThat(tenants.find(SECOND).orElseThrow().openRegistration()).isTrue();
  }

  @Test
  void eachNameHasAKeyThatOnlyTheOwnerReads() throws Exception {
    TenantFile file = new TenantFile(data);
    assertThat(file.add(FIRST)).isTrue();
    assertThat(file.add(FIRST)).isFalse();
    assertThat(file.add(SECOND)).isTrue();
    var keyIds = file.read();
    assertThat(keyIds.keySet()).containsExactly(FIRST, SECOND);
    assertThat(keyIds.get(FIRST)).isNotEqualTo(keyIds.get(SECOND));
    String keyId = keyIds.get(FIRST).getFirst();
    assertThat(file.key(keyId).keyId()).isEqualTo(keyId);
    try (var files = Files.list(data.resolve("keys"))) {
      assertThat(files.toList())
          .hasSize(2)
          .allSatisfy(
              key ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                      .isEqualTo("rw-------"));
    }
  }
}
