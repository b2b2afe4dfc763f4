package org.headrace.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientAddressTest {
  @Test
  void isTheConnectionsAddress() {
    assertThat(ClientAddress.key("203.0.113.7", null)).isEqualTo("203.0.113.7");
    assertThat(ClientAddress.key("127.0.0.1", null)).isEqualTo("127.0.0.1");
    assertThat(ClientAddress.key("a socket", null)).isEqualTo("a socket");
    assertThat(ClientAddress.key(null, null)).isEqualTo("null");
  }

  @Test
  void believesAProxyOnThisMachineOnly() {
    assertThat(ClientAddress.key("203.0.113.7", "198.51.100.1")).isEqualTo("203.0.113.7");
    assertThat(ClientAddress.key("127.0.0.1", "198.51.100.1")).isEqualTo("198.51.100.1");
    assertThat(ClientAddress.key("::1", "6.6.6.6, 198.51.100.1")).isEqualTo("198.51.100.1");
    assertThat(ClientAddress.key("127.0.0.1", "example.org")).isEqualTo("127.0.0.1");
    assertThat(ClientAddress.key("127.0.0.1", "999.1.1.1")).isEqualTo("127.0.0.1");
    assertThat(ClientAddress.key("127.0.0.1", "")).isEqualTo("127.0.0.1");
  }

  @Test
  void aHouseholdsIpv6NetworkIsOne() {
    assertThat(ClientAddress.key("2001:db8:1:2:3::4", null))
        .isEqualTo(ClientAddress.key("2001:db8:1:2::ffff", null))
        .isNotEqualTo(ClientAddress.key("2001:db8:1:3::4", null));
  }
}
