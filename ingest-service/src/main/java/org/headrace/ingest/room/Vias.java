package org.headrace.ingest.room;

import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.ServerName;
import org.headrace.http.MatrixError;
import org.jspecify.annotations.Nullable;

/** The servers that a client names to reach a room: {@code via}, or {@code server_name} of old. */
final class Vias {
  private static final int SERVERS_MAX = 50;

  private Vias() {}

  static List<ServerName> of(@Nullable List<String> via, @Nullable List<String> serverName) {
    List<String> names = via == null || via.isEmpty() ? serverName : via;
    List<ServerName> servers = new ArrayList<>();
    if (names != null) {
      for (String name : names.stream().limit(SERVERS_MAX).toList()) {
        try {
          servers.add(new ServerName(name));
        } catch (InvalidIdException e) {
          throw MatrixError.invalidParam("via: " + e.getMessage());
        }
      }
    }
    return servers;
  }
}
