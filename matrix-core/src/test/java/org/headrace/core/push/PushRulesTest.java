package org.headrace.core.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.pattern.Glob;
import org.headrace.core.pattern.PropertyPath;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;

class PushRulesTest {
  private static final UserId BOB = new UserId("@bob:b");

  @Test
  void newUsersHaveThePredefinedRulesInOrder() {
    JsonNode global = DefaultPushRules.forUser(BOB).path("global");
    assertThat(ids(global.path("override")))
        .containsExactly(
            ".m.rule.master",
            ".m.rule.suppress_notices",
            ".m.rule.invite_for_me",
            ".m.rule.member_event",
            ".m.rule.is_user_mention",
            ".m.rule.is_room_mention",
            ".m.rule.tombstone",
            ".m.rule.reaction",
            ".m.rule.room.server_acl",
            ".m.rule.suppress_edits");
    assertThat(ids(global.path("underride")))
        .containsExactly(
            ".m.rule.call",
            ".m.rule.encrypted_room_one_to_one",
            ".m.rule.room_one_to_one",
            ".m.rule.message",
            ".m.rule.encrypted");
    assertThat(global.path("content")).isEmpty();
    assertThat(global.path("room")).isEmpty();
    assertThat(global.path("sender")).isEmpty();
    assertThat(global.toString()).contains("\"@bob:b\"").doesNotContain("$USER_ID");
  }

  @Test
  void aMessageNotifiesInRoomsOfAnySizeButNotItsSender() {
    assertThat(evaluate(message("hi"), 5).ruleId()).contains(".m.rule.message");
    assertThat(evaluate(message("hi"), 2).ruleId()).contains(".m.rule.room_one_to_one");
    ObjectNode own = message("hi").put("sender", BOB.value());
    assertThat(evaluate(own, 5).notifies()).isFalse();
  }

  @Test
  void mentionsHighlight() {
    ObjectNode event = message("hi");
    ((ObjectNode) event.path("content")).putObject("m.mentions").putArray("user_ids").add("@bob:b");
    PushRules.Outcome outcome = evaluate(event, 5);
    assertThat(outcome.ruleId()).contains(".m.rule.is_user_mention");
    assertThat(outcome.highlight()).isTrue();
  }

  @Test
  void roomMentionsNeedPower() {
    ObjectNode event = message("hi");
    ((ObjectNode) event.path("content")).putObject("m.mentions").put("room", true);
    assertThat(evaluate(event, 5).ruleId()).contains(".m.rule.message");
  }

  @Test
  void noticesEditsAndReactionsAreQuiet() {
    ObjectNode notice = message("hi");
    ((ObjectNode) notice.path("content")).put("msgtype", "m.notice");
    assertThat(evaluate(notice, 5).notifies()).isFalse();
    ObjectNode edit = message("hi");
    ((ObjectNode) edit.path("content")).putObject("m.relates_to").put("rel_type", "m.replace");
    assertThat(evaluate(edit, 5).ruleId()).contains(".m.rule.suppress_edits");
    ObjectNode reaction = message("x").put("type", "m.reaction");
    assertThat(evaluate(reaction, 5).notifies()).isFalse();
  }

  @Test
  void masterSilencesEverything() {
    ObjectNode rules = DefaultPushRules.forUser(BOB);
    ((ObjectNode) rules.path("global").path("override").get(0)).put("enabled", true);
    assertThat(new PushRules(rules, BOB).evaluate(message("hi"), room(5)).ruleId())
        .contains(".m.rule.master");
  }

  @Test
  void unknownConditionsNeverMatch() {
    ObjectNode rules = DefaultPushRules.forUser(BOB);
    ObjectNode rule =
        json("{'rule_id':'x','enabled':true,'actions':['notify'],'conditions':[{'kind':'y'}]}");
    ((com.fasterxml.jackson.databind.node.ArrayNode) rules.path("global").path("override"))
        .insert(0, rule);
    assertThat(new PushRules(rules, BOB).evaluate(message("hi"), room(5)).ruleId())
        .contains(".m.rule.message");
  }

  @Test
  void globsMatchAsTheSpecificationShows() {
    assertThat(Glob.matches("lunc?*", "Lunch plans")).isTrue();
    assertThat(Glob.matches("lunc?*", "LUNCH")).isTrue();
    assertThat(Glob.matches("lunc?*", " lunch")).isFalse();
    assertThat(Glob.matches("lunc?*", "lunc")).isFalse();
    assertThat(Glob.matches("", "")).isTrue();
    assertThat(Glob.matchesWords("ex*ple", "An example event.")).isTrue();
    assertThat(Glob.matchesWords("ex*ple", "exple")).isTrue();
    assertThat(Glob.matchesWords("ex*ple", "An exciting triple-whammy")).isTrue();
    assertThat(Glob.matchesWords("cake", "cakes")).isFalse();
    assertThat(Glob.matchesWords("cake", "a (cake)")).isTrue();
    assertThat(Glob.matchesWildcards("m.room.*", "m.room.name")).isTrue();
    assertThat(Glob.matchesWildcards("m.room.n?me", "m.room.name")).isFalse();
  }

  @Test
  void propertyPathsEscapeDots() {
    assertThat(PropertyPath.names("content.m\\.relates_to.a\\\\b\\x"))
        .containsExactly("content", "m.relates_to", "a\\b\\x");
  }

  private static PushRules.Outcome evaluate(ObjectNode event, long members) {
    return new PushRules(DefaultPushRules.forUser(BOB), BOB).evaluate(event, room(members));
  }

  private static PushRules.Room room(long members) {
    PowerLevels levels = PowerLevels.of(RoomVersion.V12, Optional.empty(), Optional.empty());
    return new PushRules.Room(members, levels, Optional.empty());
  }

  private static ObjectNode message(String body) {
    ObjectNode event = json("{'type':'m.room.message','sender':'@alice:a','room_id':'!r:a'}");
    event.putObject("content").put("msgtype", "m.text").put("body", body);
    return event;
  }

  private static List<String> ids(JsonNode rules) {
    List<String> ids = new ArrayList<>();
    rules.forEach(rule -> ids.add(rule.path("rule_id").asText()));
    return ids;
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
