package org.headrace.core.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.UserId;
import org.headrace.core.roomversion.AuthFlags;
import org.headrace.core.roomversion.RoomVersion;

/**
 * The power levels of a room state: what its {@code m.room.power_levels} event says, the defaults
 * where it says nothing, and the creators' infinite power from version 12 on.
 */
public final class PowerLevels {
  /** The level of creators from version 12 on; above every level that an event can hold. */
  public static final long INFINITE = Long.MAX_VALUE;

  /** The creator's level in earlier versions while a room has no power levels event. */
  private static final long CREATOR_DEFAULT = 100;

  private static final long MODERATION_DEFAULT = 50;

  /** Digits of the largest level; with more than these, leading zeros apart, it is out of range. */
  private static final int DIGITS_MAX = 19;

  private static final int FLOAT_EXPONENT_MAX = 400;
  private static final Pattern STRING_LEVEL = Pattern.compile("([+-]?)0*+([0-9]*)");
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE - 1);

  private final AuthFlags flags;
  private final JsonNode content;
  private final SortedSet<String> creators;

  private PowerLevels(AuthFlags flags, JsonNode content, SortedSet<String> creators) {
    this.flags = flags;
    this.content = content;
    this.creators = creators;
  }

  /**
   * The levels under these events.
   *
   * @param powerLevels the state's {@code m.room.power_levels}, if it has one
   * @param create the room's create event, if known; it names the creators
   */
  public static PowerLevels of(
      RoomVersion version, Optional<Pdu> powerLevels, Optional<Pdu> create) {
    SortedSet<String> creators =
        create.map(event -> creators(version, event)).orElseGet(TreeSet::new);
    JsonNode content = powerLevels.<JsonNode>map(Pdu::content).orElseGet(MissingNode::getInstance);
    return new PowerLevels(version.auth(), content, creators);
  }

  public static PowerLevels of(RoomVersion version, StateLookup state) {
    return of(version, state.get(StateKey.POWER_LEVELS), state.get(StateKey.CREATE));
  }

  /**
   * The user ids of the room's creators: the sender, {@code content.creator} before version 11, and
   * from version 12 on the additional ones too.
   */
  public static SortedSet<String> creators(RoomVersion version, Pdu create) {
    SortedSet<String> creators = new TreeSet<>();
    JsonNode named = create.content().path("creator");
    if (version.auth().creatorInContent()) {
      if (named.isTextual()) {
        creators.add(named.textValue());
      }
      return creators;
    }
    creators.add(create.json().path("sender").asText());
    if (version.auth().privilegedCreators()) {
      for (JsonNode additional : create.content().path("additional_creators")) {
        creators.add(additional.asText());
      }
    }
    return creators;
  }

  /** Whether the state has a power levels event at all. */
  public boolean isPresent() {
    return !content.isMissingNode();
  }

  public long userLevel(UserId user) {
    return userLevel(user.value());
  }

  /** {@link #INFINITE} for creators from version 12 on. */
  public long userLevel(String userId) {
    boolean creator = creators.contains(userId);
    if (creator && flags.privilegedCreators()) {
      return INFINITE;
    }
    if (!isPresent()) {
      return creator ? CREATOR_DEFAULT : 0;
    }
    return level(content.path("users").path(userId)).orElseGet(() -> named("users_default", 0));
  }

  /** The level that sending an event of this type takes. */
  public long required(String type, boolean isState) {
    return level(content.path("events").path(type))
        .orElseGet(
            () ->
                isState ? named("state_default", MODERATION_DEFAULT) : named("events_default", 0));
  }

  public long invite() {
    return named("invite", 0);
  }

  public long kick() {
    return named("kick", MODERATION_DEFAULT);
  }

  public long ban() {
    return named("ban", MODERATION_DEFAULT);
  }

  public long redact() {
    return named("redact", MODERATION_DEFAULT);
  }

  /** The level to notify with this key of {@code notifications}, such as {@code room}. */
  public long notification(String key) {
    return level(content.path("notifications").path(key)).orElse(MODERATION_DEFAULT);
  }

  boolean isPrivilegedCreator(String userId) {
    return flags.privilegedCreators() && creators.contains(userId);
  }

  /** The level of a property, where the event gives one. */
  OptionalLong property(String name) {
    return level(content.path(name));
  }

  /** The readable levels of {@code users}, {@code events} or {@code notifications}. */
  SortedMap<String, Long> entries(String name) {
    SortedMap<String, Long> entries = new TreeMap<>();
    if (content.path(name) instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> entry : object.properties()) {
        level(entry.getValue()).ifPresent(level -> entries.put(entry.getKey(), level));
      }
    }
    return entries;
  }

  private long named(String name, long otherwise) {
    return level(content.path(name)).orElse(otherwise);
  }

  private OptionalLong level(JsonNode node) {
    return level(node, flags);
  }

  /**
   * Reads a level as this version allows: an integer, until version 9 a string of one, until
   * version 5 a float, truncated. Anything else is as if it were absent.
   */
  static OptionalLong level(JsonNode node, AuthFlags flags) {
    if (node.isIntegralNumber()) {
      return inRange(node.bigIntegerValue());
    }
    if (node.isTextual() && flags.stringPowerLevels()) {
      return stringLevel(node.textValue());
    }
    if (node.isFloatingPointNumber() && flags.floatPowerLevels()) {
      BigDecimal value = node.decimalValue();
      boolean writable = Math.abs((long) value.precision() - value.scale()) < FLOAT_EXPONENT_MAX;
      return value.signum() == 0 || !writable
          ? (value.signum() == 0 ? OptionalLong.of(0) : OptionalLong.empty())
          : inRange(value.toBigInteger());
    }
    return OptionalLong.empty();
  }

  /** An integer with sign, leading zeros and surrounding white space, all optional. */
  private static OptionalLong stringLevel(String text) {
    String trimmed = text.strip();
    var matcher = STRING_LEVEL.matcher(trimmed);
    boolean hasDigits =
        !trimmed.isEmpty() && Character.isDigit(trimmed.charAt(trimmed.length() - 1));
    if (!hasDigits || !matcher.matches() || matcher.group(2).length() > DIGITS_MAX) {
      return OptionalLong.empty();
    }
    return inRange(new BigInteger(matcher.group(1) + "0" + matcher.group(2)));
  }

  private static OptionalLong inRange(BigInteger value) {
    return value.abs().compareTo(LONG_MAX) <= 0
        ? OptionalLong.of(value.longValue())
        : OptionalLong.empty();
  }

  /** The properties of the event that hold one level each, in the specification's order. */
  static List<String> properties() {
    return List.of(
        "users_default", "events_default", "state_default", "ban", "redact", "kick", "invite");
  }
}
