package org.headrace.federation.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.headrace.core.id.ServerName;
import org.junit.jupiter.api.Test;

class FederationPolicyTest {
  @Test
  void openFederationSpeaksToAllButTheDenied() {
    FederationPolicy policy = FederationPolicy.OPEN.without("evil.example", "*.evil.example");
    assertThat(allows(policy, "good.example")).isTrue();
    assertThat(allows(policy, "notevil.example")).isTrue();
    assertThat(allows(policy, "evil.example")).isFalse();
    assertThat(allows(policy, "Evil.Example:8448")).isFalse();
    assertThat(allows(policy, "a.b.evil.example")).isFalse();
  }

  @Test
  void closedFederationSpeaksToTheAllowedAlone() {
    FederationPolicy policy = FederationPolicy.onlyWith("*.gov.example", "[2001:db8::?]");
    assertThat(allows(policy, "tax.gov.example")).isTrue();
    assertThat(allows(policy, "tax.gov.example:443")).isTrue();
    assertThat(allows(policy, "[2001:db8::5]:443")).isTrue();
    assertThat(allows(policy, "gov.example")).isFalse();
    assertThat(allows(policy, "tax.gov.example.evil")).isFalse();
    assertThat(allows(FederationPolicy.NONE, "tax.gov.example")).isFalse();
  }

  @Test
  void whatIsDeniedIsNotAllowed() {
    FederationPolicy policy = FederationPolicy.onlyWith("*.example").without("bad.example");
    assertThat(allows(policy, "good.example")).isTrue();
    assertThat(allows(policy, "bad.example")).isFalse();
  }

  @Test
  void aPatternMayNameAPort() {
    FederationPolicy policy = FederationPolicy.onlyWith("a.example:8448");
    assertThat(allows(policy, "a.example:8448")).isTrue();
    assertThat(allows(policy, "a.example")).isFalse();
  }

  private static boolean allows(FederationPolicy policy, String server) {
    return policy.allows(new ServerName(server));
  }
}
