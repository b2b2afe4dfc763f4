package org.headrace.federation.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressPolicyTest {
  private static final List<String> PUBLIC =
      List.of(
          "1.1.1.1",
          "9.255.255.255",
          "11.0.0.0",
          "100.63.255.255",
          "100.128.0.0",
          "172.15.255.255",
          "172.32.0.0",
          "192.0.1.1",
          "192.167.255.255",
          "223.255.255.255",
          "2606:4700::1111",
          "2001:4860:4860::8888",
          "64:ff9b::101:101");

  private static final List<String> SPECIAL =
      List.of(
          "0.0.0.0",
          "0.1.2.3",
          "10.0.0.1",
          "100.64.0.1",
          "100.127.255.255",
          "127.0.0.1",
          "127.255.255.254",
          "169.254.169.254",
          "172.16.0.1",
          "172.31.255.255",
          "192.0.0.1",
          "192.0.2.1",
          "192.88.99.1",
          "192.168.1.1",
          "198.18.0.1",
          "198.19.255.255",
          "198.51.100.1",
          "203.0.113.1",
          "224.0.0.1",
          "239.255.255.255",
          "240.0.0.1",
          "255.255.255.255",
          "::",
          "::1",
          "::ffff:10.0.0.1",
          "::10.0.0.1",
          "64:ff9b::10.0.0.1",
          "64:ff9b::7f00:1",
          "64:ff9b:1::1",
          "100::1",
          "2001::1",
          "2001:db8::1",
          "2002:a00:1::1",
          "3fff::1",
          "5f00::1",
          "fc00::1",
          "fd12:3456::1",
          "fe80::1",
          "fec0::1",
          "ff02::1");

  @Test
  void allowsWhatIsGivenOutForTheOpenNetworkAlone() {
    AddressPolicy policy = AddressPolicy.publicOnly();
    assertThat(PUBLIC).allMatch(address -> policy.allows(InetAddress.ofLiteral(address)));
    assertThat(SPECIAL).noneMatch(address -> policy.allows(InetAddress.ofLiteral(address)));
  }

  @Test
  void opensARangeAndNothingBesideIt() {
    AddressPolicy policy = AddressPolicy.publicOnly().opening("10.1.0.0/16", "fd00:1::/32");
    assertThat(policy.allows(InetAddress.ofLiteral("10.1.255.255"))).isTrue();
    assertThat(policy.allows(InetAddress.ofLiteral("fd00:1::5"))).isTrue();
    assertThat(policy.allows(InetAddress.ofLiteral("64:ff9b::10.1.0.1"))).isTrue();
    assertThat(policy.allows(InetAddress.ofLiteral("10.2.0.0"))).isFalse();
    assertThat(policy.allows(InetAddress.ofLiteral("10.0.255.255"))).isFalse();
    assertThat(policy.allows(InetAddress.ofLiteral("fd00:2::5"))).isFalse();
  }

  @Test
  void aClosedRangeStaysClosed() {
    AddressPolicy policy =
        AddressPolicy.publicOnly().opening("10.0.0.0/8").closing("10.9.0.0/16", "1.1.1.0/24");
    assertThat(policy.allows(InetAddress.ofLiteral("10.9.1.1"))).isFalse();
    assertThat(policy.allows(InetAddress.ofLiteral("1.1.1.1"))).isFalse();
    assertThat(policy.allows(InetAddress.ofLiteral("10.8.1.1"))).isTrue();
  }

  @Test
  void rangesHavePrefixesOfAnyLength() {
    AddressRange odd = AddressRange.parse("10.128.0.0/9");
    assertThat(odd.contains(InetAddress.ofLiteral("10.128.0.1"))).isTrue();
    assertThat(odd.contains(InetAddress.ofLiteral("10.127.0.1"))).isFalse();
    assertThat(AddressRange.parse("0.0.0.0/0").contains(InetAddress.ofLiteral("8.8.8.8"))).isTrue();
    assertThat(AddressRange.parse("8.8.8.8").contains(InetAddress.ofLiteral("8.8.8.9"))).isFalse();
    assertThat(AddressRange.parse("::/0").contains(InetAddress.ofLiteral("8.8.8.8"))).isFalse();
  }

  @Test
  void refusesWhatIsNoRange() {
    for (String text : List.of("10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "host/8", "::/129")) {
      assertThatThrownBy(() -> AddressRange.parse(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
