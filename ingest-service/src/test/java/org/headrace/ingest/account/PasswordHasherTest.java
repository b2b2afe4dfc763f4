package org.headrace.ingest.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PasswordHasherTest {
  private final AtomicInteger salts = new AtomicInteger();
  private final PasswordHasher hasher =
      new PasswordHasher(
          count -> {
            byte[] bytes = new byte[count];
            bytes[0] = (byte) salts.incrementAndGet();
            return bytes;
          },
          64,
          1);

  @AfterEach
  void close() {
    hasher.close();
  }

  @Test
  void matchesThePasswordOnly() {
    String hash = hasher.hash("a pässword");
    assertThat(hasher.matches("a pässword", hash)).isTrue();
    assertThat(hasher.matches("a password", hash)).isFalse();
    assertThat(hasher.matches("", hash)).isFalse();
    assertThat(hasher.matchesNobody("a pässword")).isFalse();
  }

  @Test
  void everyHashHasItsSalt() {
    assertThat(hasher.hash("p")).isNotEqualTo(hasher.hash("p"));
  }

  @Test
  void hashesOfOtherParametersStillMatch() {
    PasswordHasher stronger = new PasswordHasher(count -> new byte[count], 128, 2);
    String hash = stronger.hash("p");
    stronger.close();
    assertThat(hash).startsWith("$argon2id$v=19$m=128,t=2,p=1$");
    assertThat(hasher.matches("p", hash)).isTrue();
  }

  @Test
  void whatIsNoHashMatchesNothing() {
    for (String stored : new String[] {"", "p", "$argon2id$", "$2b$10$abc", "$argon2i$v=19$m=1"}) {
      assertThat(hasher.matches("p", stored)).isFalse();
    }
  }
}
