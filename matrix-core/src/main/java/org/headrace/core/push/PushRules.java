package org.headrace.core.push;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.id.UserId;
import org.headrace.core.json.CanonicalJson;
import org.headrace.core.pattern.Glob;
import org.headrace.core.pattern.PropertyPath;

/**
 * Evaluates a user's push rules on an event (client-server API, push module). The order is that of
 * the kinds, and within a kind of the list; {@code .m.rule.master} goes before all.
 */
public final class PushRules {
  private static final String[] KINDS = {"override", "content", "room", "sender", "underride"};
  private static final String MASTER = ".m.rule.master";
  private static final Pattern MEMBER_COUNT = Pattern.compile("(==|<=|>=|<|>)?([0-9]{1,9})");

  private final JsonNode rules;
  private final UserId user;

  /** What the conditions read about the room, at the event. */
  public record Room(long memberCount, PowerLevels levels, Optional<String> displayName) {}

  /**
   * What a matching rule asks for.
   *
   * @param ruleId the rule that matched, if one did
   * @param tweaks the tweaks by name, as the push gateway gets them: {@code sound}, {@code
   *     highlight} and whatever else the rule sets
   */
  public record Outcome(
      Optional<String> ruleId, boolean notifies, SortedMap<String, JsonNode> tweaks) {
    static final Outcome NOTHING = new Outcome(Optional.empty(), false, new TreeMap<>());

    public Outcome {
      tweaks = Collections.unmodifiableSortedMap(new TreeMap<>(tweaks));
    }

    public boolean highlight() {
      return tweaks.getOrDefault("highlight", BooleanNode.FALSE).asBoolean(false);
    }
  }

  /**
   * The rules of one user.
   *
   * @param content the content of the user's {@code m.push_rules}
   */
  public PushRules(ObjectNode content, UserId user) {
    this.rules = content.path("global");
    this.user = user;
  }

  /** Nothing for the user's own events. */
  public Outcome evaluate(ObjectNode event, Room room) {
    if (event.path("sender").asText().equals(user.value())) {
      return Outcome.NOTHING;
    }
    for (JsonNode rule : rules.path("override")) {
      if (rule.path("rule_id").asText().equals(MASTER) && isEnabled(rule)) {
        return outcome(rule);
      }
    }
    for (String kind : KINDS) {
      for (JsonNode rule : rules.path(kind)) {
        if (isEnabled(rule) && matches(kind, rule, event, room)) {
          return outcome(rule);
        }
      }
    }
    return Outcome.NOTHING;
  }

  private static boolean isEnabled(JsonNode rule) {
    return rule.path("enabled").asBoolean(true);
  }

  private static Outcome outcome(JsonNode rule) {
    boolean notifies = false;
    SortedMap<String, JsonNode> tweaks = new TreeMap<>();
    // Others, such as the historical dont_notify and coalesce, are ignored.
    for (JsonNode action : rule.path("actions")) {
      JsonNode tweak = action.path("set_tweak");
      if (action.asText().equals("notify")) {
        notifies = true;
      } else if (tweak.isTextual()) {
        boolean bare = tweak.textValue().equals("highlight") && !action.has("value");
        tweaks.put(tweak.textValue(), bare ? BooleanNode.TRUE : action.path("value"));
      }
    }
    tweaks.values().removeIf(JsonNode::isMissingNode);
    return new Outcome(Optional.of(rule.path("rule_id").asText()), notifies, tweaks);
  }

  private static boolean matches(String kind, JsonNode rule, ObjectNode event, Room room) {
    String ruleId = rule.path("rule_id").asText();
    return switch (kind) {
      case "content" -> {
        JsonNode body = event.path("content").path("body");
        JsonNode pattern = rule.path("pattern");
        yield body.isTextual()
            && pattern.isTextual()
            && Glob.matchesWords(pattern.textValue(), body.textValue());
      }
      case "room" -> event.path("room_id").asText().equals(ruleId);
      case "sender" -> event.path("sender").asText().equals(ruleId);
      default -> allMatch(rule.path("conditions"), event, room);
    };
  }

  private static boolean allMatch(JsonNode conditions, ObjectNode event, Room room) {
    if (!conditions.isArray()) {
      return conditions.isMissingNode();
    }
    for (JsonNode condition : conditions) {
      if (!matches(condition, event, room)) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(JsonNode condition, ObjectNode event, Room room) {
    String key = condition.path("key").asText();
    return switch (condition.path("kind").asText()) {
      case "event_match" -> eventMatch(key, condition.path("pattern"), event);
      case "event_property_is" -> isSame(PropertyPath.get(event, key), condition.path("value"));
      case "event_property_contains" -> {
        boolean found = false;
        JsonNode property = PropertyPath.get(event, key);
        if (property.isArray()) {
          for (JsonNode entry : property) {
            found |= isSame(entry, condition.path("value"));
          }
        }
        yield found;
      }
      case "contains_display_name" -> {
        JsonNode body = event.path("content").path("body");
        yield body.isTextual()
            && room.displayName()
                .filter(name -> !name.isEmpty() && Glob.containsWords(name, body.textValue()))
                .isPresent();
      }
      case "room_member_count" -> memberCount(condition.path("is").asText(), room.memberCount());
      case "sender_notification_permission" ->
          room.levels().userLevel(event.path("sender").asText()) >= room.levels().notification(key);
      default -> false;
    };
  }

  private static boolean eventMatch(String key, JsonNode pattern, ObjectNode event) {
    JsonNode property = PropertyPath.get(event, key);
    if (!pattern.isTextual() || !property.isTextual()) {
      return false;
    }
    return key.equals("content.body")
        ? Glob.matchesWords(pattern.textValue(), property.textValue())
        : Glob.matches(pattern.textValue(), property.textValue());
  }

  private static boolean isSame(JsonNode property, JsonNode value) {
    boolean integer =
        property.isIntegralNumber()
            && property.canConvertToLong()
            && Math.abs(property.longValue()) <= CanonicalJson.INTEGER_MAX;
    if (integer) {
      return value.isIntegralNumber()
          && value.canConvertToLong()
          && value.longValue() == property.longValue();
    }
    boolean simple = property.isTextual() || property.isBoolean() || property.isNull();
    return simple && property.equals(value);
  }

  private static boolean memberCount(String is, long count) {
    Matcher matcher = MEMBER_COUNT.matcher(is);
    if (!matcher.matches()) {
      return false;
    }
    long number = Long.parseLong(matcher.group(2));
    return switch (matcher.group(1)) {
      case "<" -> count < number;
      case ">" -> count > number;
      case "<=" -> count <= number;
      case ">=" -> count >= number;
      case null, default -> count == number;
    };
  }
}
