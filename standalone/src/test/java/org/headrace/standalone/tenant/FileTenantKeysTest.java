package org.headrace.standalone.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.headrace.core.crypto.SigningKey;
import org.headrace.core.id.ServerName;
import org.headrace.federation.client.FederationPolicy;
import org.headrace.federation.net.AddressRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTenantKeysTest {
  private static final ServerName FIRST = new ServerName("first.example");
  private static final ServerName SECOND = new ServerName("second.example");
  private static final ServerName OTHER = new ServerName("other.example");

  @TempDir Path data;
  private final AtomicLong nanos = new AtomicLong();
  private TenantFile file;
  private FileTenantKeys keys;

  @BeforeEach
  void open() throws Exception {
    file = new TenantFile(data);
    file.add(FIRST);
    keys = new FileTenantKeys(file, FederationPolicy.OPEN, nanos::get);
  }

  private void lookAgain(long modified) throws Exception {
    Files.setLastModifiedTime(data.resolve("tenants.json"), FileTime.fromMillis(modified));
    nanos.addAndGet(2_000_000_000L);
  }

  @Test
  void aRotatedKeyStaysPublishedAsAnOldOne() throws Exception {
    String before = keys.current(FIRST).keyId();
    String publicKey = keys.current(FIRST).publicKeyBase64();
    String after = file.rotate(FIRST, 77).orElseThrow();
    lookAgain(1);
    assertThat(keys.current(FIRST).keyId()).isEqualTo(after).isNotEqualTo(before);
    assertThat(keys.old(FIRST))
        .singleElement()
        .satisfies(
            old -> {
              assertThat(old.keyId()).isEqualTo(before);
              assertThat(old.publicKey()).isEqualTo(publicKey);
              assertThat(old.expiredMillis()).isEqualTo(77);
            });
    file.rotate(FIRST, 99);
    file.add(SECOND);
    lookAgain(2);
    assertThat(keys.old(FIRST)).hasSize(2);
    assertThat(keys.old(FIRST).getLast().expiredMillis()).isEqualTo(77);
    assertThat(keys.old(SECOND)).isEmpty();
  }

  @Test
  void aNameThatIsNotHostedHasNoKey() throws Exception {
    assertThat(keys.isHosted(OTHER)).isFalse();
    assertThat(keys.old(OTHER)).isEmpty();
    assertThat(keys.of(OTHER).allows(FIRST)).isFalse();
    assertThatThrownBy(() -> keys.current(OTHER)).isInstanceOf(IllegalArgumentException.class);
    assertThat(file.rotate(OTHER, 1)).isEmpty();
  }

  @Test
  void theFileSaysWhomATenantFederatesWith() throws Exception {
    assertThat(keys.of(FIRST).allows(OTHER)).isTrue();
    String written = Files.readString(data.resolve("tenants.json"));
    String closed = "\"federation\": {\"closed\": true, \"allowed\": [\"*.friend.example\"]}, ";
    Files.writeString(
        data.resolve("tenants.json"), written.replace("\"key_ids\"", closed + "\"key_ids\""));
    lookAgain(1);
    assertThat(keys.of(FIRST).allows(OTHER)).isFalse();
    assertThat(keys.of(FIRST).allows(new ServerName("a.friend.example"))).isTrue();
    file.rotate(FIRST, 5);
    lookAgain(2);
    assertThat(keys.of(FIRST).allows(OTHER)).isFalse();
  }

  @Test
  void keysAreAskedOfWhomOneTenantSpeaksTo() throws Exception {
    file.setFederation(FIRST, FederationPolicy.onlyWith("a.example"));
    file.add(SECOND);
    file.setFederation(SECOND, FederationPolicy.onlyWith("b.example"));
    lookAgain(1);
    assertThat(keys.all())
        .containsExactlyInAnyOrder(
            FederationPolicy.onlyWith("a.example"), FederationPolicy.onlyWith("b.example"));
    file.setFederation(SECOND, FederationPolicy.onlyWith("a.example"));
    lookAgain(2);
    assertThat(keys.all()).containsExactly(FederationPolicy.onlyWith("a.example"));
  }

  @Test
  void theFileSaysWhichAddressesATenantRefuses() throws Exception {
    List<AddressRange> ranges =
        List.of(AddressRange.parse("198.18.0.0/15"), AddressRange.parse("2001:db8::/32"));
    file.setFederation(FIRST, FederationPolicy.OPEN.refusing(ranges));
    lookAgain(1);
    assertThat(keys.of(FIRST).refused()).isEqualTo(ranges);
    String written = Files.readString(data.resolve("tenants.json"));
    Files.writeString(data.resolve("tenants.json"), written.replace("198.18.0.0/15", "somewhere"));
    assertThatThrownBy(() -> file.federation(FIRST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ranges");
  }

  @Test
  void aPolicyServersKeyIsItsOwnAndStaysWhenItIsNone() throws Exception {
    assertThat(keys.policy(FIRST)).isEmpty();
    assertThat(file.setPolicyServer(OTHER, true, false)).isFalse();
    assertThat(file.setPolicyServer(FIRST, true, false)).isTrue();
    file.add(SECOND);
    file.setPolicyServer(SECOND, true, false);
    lookAgain(1);
    SigningKey key = keys.policy(FIRST).orElseThrow();
    assertThat(key.keyId()).isEqualTo("ed25519:policy_server");
    assertThat(key.publicKeyBase64())
        .isNotEqualTo(keys.current(FIRST).publicKeyBase64())
        .isNotEqualTo(keys.policy(SECOND).orElseThrow().publicKeyBase64());
    file.setPolicyServer(FIRST, false, false);
    lookAgain(2);
    assertThat(keys.policy(FIRST)).isEmpty();
    file.setPolicyServer(FIRST, true, false);
    lookAgain(3);
    assertThat(keys.policy(FIRST).orElseThrow().publicKeyBase64()).isEqualTo(key.publicKeyBase64());
    file.setPolicyServer(FIRST, true, true);
    lookAgain(4);
    assertThat(keys.policy(FIRST).orElseThrow().publicKeyBase64())
        .isNotEqualTo(key.publicKeyBase64());
  }
}
