package org.headrace.core.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  @Test
  void absentListsIncludeAllAndEmptyOnesNothing() {
    ObjectNode event = json("{'type':'m.room.message','sender':'@a:a','content':{}}");
    assertThat(EventFilter.ALL.matches(event)).isTrue();
    assertThat(EventFilter.parse(json("{'types':[]}")).matches(event)).isFalse();
    assertThat(EventFilter.parse(json("{'senders':[]}")).matches(event)).isFalse();
    assertThat(EventFilter.parse(json("{'types':['m.*']}")).matches(event)).isTrue();
  }

  @Test
  void exclusionWins() {
    ObjectNode event = json("{'type':'m.room.message','sender':'@a:a','content':{'url':'x'}}");
    assertThat(EventFilter.parse(json("{'types':['m.*'],'not_types':['m.room.*']}")).matches(event))
        .isFalse();
    assertThat(
            EventFilter.parse(json("{'senders':['@a:a'],'not_senders':['@a:a']}")).matches(event))
        .isFalse();
    assertThat(EventFilter.parse(json("{'contains_url':true}")).matches(event)).isTrue();
    assertThat(EventFilter.parse(json("{'contains_url':false}")).matches(event)).isFalse();
    RoomId room = new RoomId("!r:a");
    assertThat(EventFilter.parse(json("{'rooms':['!r:a'],'not_rooms':['!r:a']}")).matchesRoom(room))
        .isFalse();
  }

  @Test
  void readsAWholeFilter() {
    SyncFilter filter =
        SyncFilter.parse(
            json(
                """
                {'event_format':'client','event_fields':['type'],
                 'room':{'include_leave':true,'rooms':['!r:a'],
                   'state':{'lazy_load_members':true},'timeline':{'limit':7}}}\
                """));
    assertThat(filter.timeline().limit()).hasValue(7);
    assertThat(filter.state().lazyLoadMembers()).isTrue();
    assertThat(filter.includeLeave()).isTrue();
    assertThat(filter.matchesRoom(new RoomId("!other:a"))).isFalse();
    assertThat(filter.presence()).isEqualTo(EventFilter.ALL);
    assertThat(SyncFilter.parse(json("{}"))).isEqualTo(SyncFilter.ALL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'room':[]}",
        "{'room':{'timeline':{'limit':0}}}",
        "{'room':{'timeline':{'limit':'5'}}}",
        "{'room':{'timeline':{'types':'m.*'}}}",
        "{'room':{'timeline':{'types':[1]}}}",
        "{'room':{'rooms':['r']}}",
        "{'presence':{'senders':['alice']}}",
        "{'room':{'state':{'lazy_load_members':1}}}",
        "{'event_format':'xml'}",
        "{'event_fields':'type'}"
      })
  void refusesMalformedFilters(String text) {
    assertThatThrownBy(() -> SyncFilter.parse(json(text)))
        .isInstanceOf(InvalidFilterException.class);
  }

  private static ObjectNode json(String text) {
    return Json.parseObject(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
