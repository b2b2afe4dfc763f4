package org.headrace.core.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.headrace.core.id.ServerName;
import org.headrace.core.json.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerAclTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | a.org | false",
        "{\"allow\":[\"*\"]} | a.org | true",
        "{\"allow\":[\"*\"],\"deny\":[\"evil.com\"]} | evil.com:8448 | false",
        "{\"allow\":[\"*\"],\"deny\":[\"*.evil.com\"]} | EVIL.com | true",
        "{\"allow\":[\"*\"],\"deny\":[\"*.evil.com\"]} | very.EVIL.com | false",
        "{\"allow\":[\"*\"],\"deny\":[\"evil.co?\"]} | evil.com | false",
        "{\"allow\":[\"a.org\"]} | b.org | false",
        "{\"allow\":\"*\"} | b.org | false",
        "{\"allow\":[\"*\"],\"allow_ip_literals\":false} | 1.2.3.4:80 | false",
        "{\"allow\":[\"*\"],\"allow_ip_literals\":false} | [::1] | false",
        "{\"allow\":[\"*\"],\"allow_ip_literals\":false} | 1.2.3.com | true",
        "{\"allow\":[\"*\"],\"allow_ip_literals\":\"false\"} | 1.2.3.4 | true"
      })
  void allows(String content, String server, boolean expected) {
    ServerAcl acl = new ServerAcl(Json.parseObject(content.getBytes(StandardCharsets.UTF_8)));
    assertThat(acl.allows(new ServerName(server))).isEqualTo(expected);
  }
}
