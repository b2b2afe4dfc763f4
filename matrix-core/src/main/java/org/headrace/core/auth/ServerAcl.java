package org.headrace.core.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;
import org.headrace.core.id.ServerName;
import org.headrace.core.pattern.Glob;

/**
 * A room's server ACL: which servers may act on the room at all ({@code m.room.server_acl};
 * server-server API, "Server Access Control Lists"). It is not an authorisation rule: it is asked
 * about who sends a request, also where that is a tenant of this deployment.
 */
public final class ServerAcl {
  private static final Pattern PORT = Pattern.compile(":[0-9]+$");
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(?:\\.[0-9]{1,3}){3}");

  private final ObjectNode content;

  /** The ACL with this content; a room without the event allows every server. */
  public ServerAcl(ObjectNode content) {
    this.content = content;
  }

  public boolean allows(ServerName server) {
    String host = PORT.matcher(server.value()).replaceFirst("");
    JsonNode literals = content.path("allow_ip_literals");
    // 2.
    if (literals.isBoolean() && !literals.booleanValue() && isIpLiteral(host)) {
      return false;
    }
    // 3. to 5.
    return !matchesAny(content.path("deny"), host) && matchesAny(content.path("allow"), host);
  }

  private static boolean isIpLiteral(String host) {
    return host.startsWith("[") || IPV4.matcher(host).matches();
  }

  private static boolean matchesAny(JsonNode patterns, String host) {
    for (JsonNode pattern : patterns) {
      if (pattern.isTextual() && Glob.matches(pattern.textValue(), host)) {
        return true;
      }
    }
    return false;
  }
}
