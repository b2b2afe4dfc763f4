package org.headrace.schema.record;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/** What a user is to others (client-server API, "Presence"). */
public enum Presence {
  @JsonProperty("online")
  ONLINE("online"),
  @JsonProperty("unavailable")
  UNAVAILABLE("unavailable"),
  @JsonProperty("offline")
  OFFLINE("offline");

  private final String shown;

  Presence(String shown) {
    this.shown = shown;
  }

  /** As the specification writes it. */
  public String shown() {
    return shown;
  }

  /** Empty for what the specification does not know. */
  public static Optional<Presence> of(String shown) {
    for (Presence presence : values()) {
      if (presence.shown.equals(shown)) {
        return Optional.of(presence);
      }
    }
    return Optional.empty();
  }
}
