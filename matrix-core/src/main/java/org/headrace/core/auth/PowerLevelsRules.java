package org.headrace.core.auth;

import static org.headrace.core.auth.AuthResult.ALLOWED;
import static org.headrace.core.auth.AuthResult.denied;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.event.Pdu;
import org.headrace.core.roomversion.AuthFlags;
import org.headrace.core.roomversion.RoomVersion;
import org.jspecify.annotations.Nullable;

/** Rule 10: how a power levels event may change the levels. */
final class PowerLevelsRules {
  private final AuthFlags flags;
  private final JsonNode content;
  private final String sender;
  private final PowerLevels current;
  private final PowerLevels next;
  private final long senderLevel;

  PowerLevelsRules(RoomVersion version, Pdu event, PowerLevels current) {
    this.flags = version.auth();
    this.content = event.content();
    this.sender = event.sender().value();
    this.current = current;
    this.next = PowerLevels.of(version, Optional.of(event), Optional.empty());
    this.senderLevel = current.userLevel(sender);
  }

  AuthResult check() {
    // 10.1 to 10.3
    String malformed = malformed();
    if (malformed != null) {
      return denied(AuthRule.POWER_LEVELS_FORMAT, malformed);
    }
    // 10.4 (from version 12)
    for (Map.Entry<String, JsonNode> user : content.path("users").properties()) {
      if (current.isPrivilegedCreator(user.getKey())) {
        return denied(AuthRule.POWER_LEVELS_CREATOR, "a creator cannot have a power level");
      }
    }
    // 10.5
    if (!current.isPresent()) {
      return ALLOWED;
    }
    // 10.6
    for (String name : PowerLevels.properties()) {
      OptionalLong before = current.property(name);
      OptionalLong after = next.property(name);
      if (!before.equals(after) && (isAbove(before) || isAbove(after))) {
        return denied(AuthRule.POWER_LEVELS_DEFAULTS, "changing " + name + " takes a higher level");
      }
    }
    // 10.7 and 10.8
    AuthResult events = checkEntries("events");
    if (!events.isAllowed()) {
      return events;
    }
    AuthResult notifications = flags.notificationLevels() ? checkEntries("notifications") : ALLOWED;
    return notifications.isAllowed() ? checkUsers() : notifications;
  }

  private @Nullable String malformed() {
    // 10.1 and 10.2 (from version 10)
    if (flags.integerPowerLevels()) {
      for (String name : PowerLevels.properties()) {
        if (content.has(name) && !isLevel(content.path(name))) {
          return name + " must be an integer";
        }
      }
      for (String name : new String[] {"events", "notifications"}) {
        if (content.has(name) && !areLevels(content.path(name))) {
          return name + " must be an object of integers";
        }
      }
    }
    // 10.3
    JsonNode users = content.path("users");
    if (users.isMissingNode()) {
      return null;
    }
    if (!areLevels(users)) {
      return "users must be an object of integers";
    }
    for (Map.Entry<String, JsonNode> user : users.properties()) {
      if (!AuthRules.isUserId(user.getKey())) {
        return "users must have user ids as keys";
      }
    }
    return null;
  }

  /** 10.7 and 10.8 for {@code events} or {@code notifications}. */
  private AuthResult checkEntries(String name) {
    SortedMap<String, Long> before = current.entries(name);
    SortedMap<String, Long> after = next.entries(name);
    SortedSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (String key : keys) {
      Long old = before.get(key);
      Long changed = after.get(key);
      boolean same = old != null && old.equals(changed);
      if (!same
          && ((old != null && old > senderLevel) || (changed != null && changed > senderLevel))) {
        return denied(
            AuthRule.POWER_LEVELS_EVENTS,
            "changing " + name + " of " + key + " takes a higher level");
      }
    }
    return ALLOWED;
  }

  /** 10.9 and 10.10 */
  private AuthResult checkUsers() {
    SortedMap<String, Long> before = current.entries("users");
    SortedMap<String, Long> after = next.entries("users");
    SortedSet<String> users = new TreeSet<>(before.keySet());
    users.addAll(after.keySet());
    for (String user : users) {
      Long old = before.get(user);
      Long changed = after.get(user);
      if (old != null && old.equals(changed)) {
        continue;
      }
      // 10.9
      if (old != null && !user.equals(sender) && old >= senderLevel) {
        return denied(AuthRule.POWER_LEVELS_USERS, "the level of " + user + " is not below yours");
      }
      // 10.10
      if (changed != null && changed > senderLevel) {
        return denied(AuthRule.POWER_LEVELS_USERS, "nobody can give a level above their own");
      }
    }
    // 10.11
    return ALLOWED;
  }

  private boolean isAbove(OptionalLong level) {
    return level.isPresent() && level.getAsLong() > senderLevel;
  }

  private boolean isLevel(JsonNode node) {
    return PowerLevels.level(node, flags).isPresent();
  }

  private boolean areLevels(JsonNode node) {
    if (!node.isObject()) {
      return false;
    }
    for (JsonNode value : node) {
      if (!isLevel(value)) {
        return false;
      }
    }
    return true;
  }
}
