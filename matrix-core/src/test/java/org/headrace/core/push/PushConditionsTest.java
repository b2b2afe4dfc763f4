package org.headrace.core.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.headrace.core.auth.PowerLevels;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.pattern.Glob;
import org.headrace.core.roomversion.RoomVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of condition and of rule by itself (client-server API, "Push Rules"). */
class PushConditionsTest {
  private static final UserId BOB = new UserId("@bob:b");

  @ParameterizedTest
  @CsvSource({
    "2,2,true",
    "==2,2,true",
    "2,3,false",
    "<2,1,true",
    "<2,2,false",
    ">2,3,true",
    ">2,2,false",
    "<=2,2,true",
    "<=2,3,false",
    ">=2,2,true",
    ">=2,1,false",
    "=2,2,false",
    "2.0,2,false",
    "'',0,false",
    "-1,0,false",
    "<>2,1,false",
    "1234567890,5,false"
  })
  void memberCountsCompare(String is, long members, boolean matches) {
    String condition = "{'kind':'room_member_count','is':'" + is + "'}";
    assertThat(matches(condition, event(), members)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "content.text,'\"Lunch\"',true",
    "content.text,'\"lunch\"',false",
    "content.yes,true,true",
    "content.yes,'\"true\"',false",
    "content.yes,1,false",
    "content.none,null,true",
    "content.absent,null,false",
    "content.one,1,true",
    "content.one,true,false",
    "content.big,9007199254740992,false",
    "content.list,'[1]',false",
    "'content.m\\.dots.x\\\\y',3,true",
    "content.m.dots,3,false"
  })
  void propertiesAreComparedExactly(String key, String value, boolean matches) {
    ObjectNode condition = Json.object().put("kind", "event_property_is").put("key", key);
    condition.set("value", Json.parse(value.getBytes(StandardCharsets.UTF_8)));
    assertThat(matches(condition.toString(), event(), 2)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "content.list,1,true",
    "content.list,'\"x\"',true",
    "content.list,null,true",
    "content.list,true,true",
    "content.list,2,false",
    "content.list,'\"X\"',false",
    "content.list,'[7]',false",
    "content.text,'\"Lunch\"',false",
    "content.absent,1,false"
  })
  void listsContainExactly(String key, String value, boolean matches) {
    ObjectNode condition = Json.object().put("kind", "event_property_contains").put("key", key);
    condition.set("value", Json.parse(value.getBytes(StandardCharsets.UTF_8)));
    assertThat(matches(condition.toString(), event(), 2)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "content.text,lunc?*,true",
    "content.text,lunch,true",
    "content.text,unch,false",
    "content.body,plans,true",
    "content.body,plan,false",
    "content.body,lu*ns,true",
    "content.yes,*,false",
    "content.absent,*,false",
    "sender,@alice:*,true",
    "room_id,!r:a,true"
  })
  void patternsMatchTheWholeValueOrWordsOfABody(String key, String pattern, boolean matches) {
    ObjectNode condition = Json.object().put("kind", "event_match").put("key", key);
    condition.put("pattern", pattern);
    assertThat(matches(condition.toString(), event(), 2)).isEqualTo(matches);
  }

  @Test
  void sendersNeedTheLevelOfTheNotification() {
    String condition = "{'kind':'sender_notification_permission','key':'room'}";
    assertThat(matches(condition, event(), room("{'users':{'@alice:a':50}}"))).isTrue();
    assertThat(matches(condition, event(), room("{'users':{'@alice:a':49}}"))).isFalse();
    String lowered = "{'notifications':{'room':10},'users':{'@alice:a':10}}";
    assertThat(matches(condition, event(), room(lowered))).isTrue();
    String other = "{'kind':'sender_notification_permission','key':'other'}";
    assertThat(matches(other, event(), room(lowered))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "bob,hi Bob!,true",
    "bob,bobby,false",
    "b*b,hi bob,false",
    "b*b,hi B*B,true",
    "bob,'',false",
    "'',hi,false",
    "é,caf é,true"
  })
  void displayNamesAreWordsAndNoPatterns(String name, String body, boolean matches) {
    ObjectNode event = event();
    ((ObjectNode) event.path("content")).put("body", body);
    PushRules.Room room = new PushRules.Room(2, levels("{}"), Optional.of(name));
    assertThat(matches("{'kind':'contains_display_name'}", event, room)).isEqualTo(matches);
    PushRules.Room nameless = new PushRules.Room(2, levels("{}"), Optional.empty());
    assertThat(matches("{'kind':'contains_display_name'}", event, nameless)).isFalse();
  }

  @Test
  void allConditionsMustHoldAndNoneMeansAlways() {
    String two = "{'kind':'room_member_count','is':'2'}";
    String three = "{'kind':'room_member_count','is':'3'}";
    assertThat(matches(two + "," + two, event(), 2)).isTrue();
    assertThat(matches(two + "," + three, event(), 2)).isFalse();
    assertThat(matches("", event(), 2)).isTrue();
    assertThat(evaluate(rules("override", "{'rule_id':'x','actions':['notify']}"), event()))
        .matches(PushRules.Outcome::notifies);
    assertThat(
            evaluate(
                rules("override", "{'rule_id':'x','conditions':{},'actions':['notify']}"), event()))
        .matches(outcome -> !outcome.notifies());
  }

  @Test
  void kindsGoInTheirOrder() {
    ObjectNode rules = Json.object();
    ObjectNode global = rules.putObject("global");
    for (String kind : new String[] {"underride", "sender", "room", "content", "override"}) {
      String id =
          switch (kind) {
            case "sender" -> "@alice:a";
            case "room" -> "!r:a";
            default -> kind;
          };
      ObjectNode rule =
          global.putArray(kind).addObject().put("rule_id", id).put("pattern", "plans");
      rule.putArray("actions");
      assertThat(evaluate(rules, event()).ruleId()).as(kind).contains(id);
      assertThat(evaluate(disabled(rules, kind), event()).ruleId()).isNotEqualTo(Optional.of(id));
    }
  }

  @Test
  void contentRulesMatchWordsOfTheBody() {
    assertThat(evaluate(content("'pattern':'PL?NS'"), event()).ruleId()).contains("c");
    assertThat(evaluate(content("'pattern':'plan'"), event()).ruleId()).isEmpty();
    assertThat(evaluate(content("'x':1"), event()).ruleId()).isEmpty();
    assertThat(evaluate(content("'pattern':1"), event()).ruleId()).isEmpty();
  }

  @Test
  void tweaksArePassedOnAndHistoricalActionsIgnored() {
    PushRules.Outcome outcome = outcome("'notify',{'set_tweak':'sound','value':'ring'}");
    assertThat(outcome.tweaks()).containsOnlyKeys("sound");
    assertThat(outcome.tweaks()).containsEntry("sound", new TextNode("ring"));
    assertThat(outcome.highlight()).isFalse();
    assertThat(outcome("{'set_tweak':'highlight'}").tweaks())
        .containsEntry("highlight", BooleanNode.TRUE);
    assertThat(outcome("{'set_tweak':'highlight','value':false}").highlight()).isFalse();
    assertThat(outcome("{'set_tweak':'flash','value':{'times':3}}").tweaks()).containsKey("flash");
    assertThat(outcome("{'set_tweak':'sound'}").tweaks()).isEmpty();
    for (String historical : new String[] {"'dont_notify'", "'coalesce'", "1", "null", "{}"}) {
      assertThat(outcome(historical).notifies()).isFalse();
      assertThat(outcome(historical).tweaks()).isEmpty();
    }
  }

  @Test
  void longPatternsMatchNothing() {
    String most = "a".repeat(Glob.PATTERN_CHARS_MAX);
    assertThat(Glob.matches(most, most)).isTrue();
    assertThat(Glob.matches("*".repeat(Glob.PATTERN_CHARS_MAX + 1), "a")).isFalse();
    assertThat(Glob.matchesWords("*".repeat(Glob.PATTERN_CHARS_MAX + 1), "a")).isFalse();
  }

  private static PushRules.Outcome outcome(String actions) {
    return evaluate(rules("override", "{'rule_id':'x','actions':[" + actions + "]}"), event());
  }

  private static ObjectNode content(String members) {
    return rules("content", "{'rule_id':'c','actions':[]," + members + "}");
  }

  private static boolean matches(String conditions, ObjectNode event, long members) {
    return matches(conditions, event, new PushRules.Room(members, levels("{}"), Optional.empty()));
  }

  private static boolean matches(String conditions, ObjectNode event, PushRules.Room room) {
    ObjectNode rules =
        rules("underride", "{'rule_id':'x','conditions':[" + conditions + "],'actions':[]}");
    return new PushRules(rules, BOB).evaluate(event, room).ruleId().isPresent();
  }

  private static PushRules.Outcome evaluate(ObjectNode rules, ObjectNode event) {
    return new PushRules(rules, BOB).evaluate(event, room("{}"));
  }

  private static ObjectNode rules(String kind, String rule) {
    ObjectNode rules = Json.object();
    rules.putObject("global").putArray(kind).add(json(rule));
    return rules;
  }

  private static ObjectNode disabled(ObjectNode rules, String kind) {
    ObjectNode copy = rules.deepCopy();
    for (JsonNode rule : copy.path("global").path(kind)) {
      ((ObjectNode) rule).put("enabled", false);
    }
    return copy;
  }

  private static PushRules.Room room(String levels) {
    return new PushRules.Room(2, levels(levels), Optional.empty());
  }

  private static PowerLevels levels(String content) {
    ObjectNode json = Json.object();
    json.set("content", json(content));
    Pdu event = new Pdu(new EventId("$p"), new RoomId("!r:a"), json);
    return PowerLevels.of(RoomVersion.V11, Optional.of(event), Optional.empty());
  }

  private static ObjectNode event() {
    return json(
        "{'type':'m.room.message','sender':'@alice:a','room_id':'!r:a','content':{"
            + "'body':'Lunch plans','text':'Lunch','yes':true,'none':null,'one':1,"
            + "'big':9007199254740992,'list':[1,'x',null,true,[7]],'m.dots':{'x\\\\y':3}}}");
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
