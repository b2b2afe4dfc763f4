package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import org.headrace.core.crypto.Hashes;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;

/**
 * The newest update of each user's device list, so that one that is sent again, or to several
 * tenants, is told to the rooms once. What is forgotten is told twice. Safe for many threads.
 */
@ApplicationScoped
public class RecentDeviceLists {
  static final int USERS_MAX = 20_000;

  private final Map<UserId, String> newest =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UserId, String> eldest) {
          return size() > USERS_MAX;
        }
      };

  /** Whether this is not the update that was the user's last one. */
  boolean isNew(UserId user, JsonNode edu) {
    String hash = Hashes.sha256(Json.bytes(edu));
    synchronized (newest) {
      return !hash.equals(newest.put(user, hash));
    }
  }
}
