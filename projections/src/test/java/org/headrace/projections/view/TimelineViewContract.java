package org.headrace.projections.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.headrace.projections.LogFixture.ALICE;
import static org.headrace.projections.LogFixture.BOB;
import static org.headrace.projections.LogFixture.OTHER_ROOM;
import static org.headrace.projections.LogFixture.PHONE;
import static org.headrace.projections.LogFixture.ROOM;
import static org.headrace.projections.LogFixture.at;
import static org.headrace.projections.LogFixture.bodyKey;
import static org.headrace.projections.LogFixture.id;
import static org.headrace.projections.LogFixture.json;
import static org.headrace.projections.LogFixture.member;
import static org.headrace.projections.LogFixture.message;
import static org.headrace.projections.LogFixture.outlierMember;

import java.util.List;
import org.headrace.core.id.EventId;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.Verdict;
import org.junit.jupiter.api.Test;

public abstract class TimelineViewContract extends ViewContract {
  @Test
  void joinsSkeletonAndBody() {
    body(bodyKey(ROOM, id("m")), "{'content':{'body':'hello'},'unsigned':{'x':1}}");
    fold(message(ROOM, at(7), "m").sentBy(ALICE, PHONE, "t1").record());

    EventRow row = views.timeline().event(ROOM, id("m")).orElseThrow();
    assertThat(row.pdu().path("type").asText()).isEqualTo("m.room.message");
    assertThat(row.pdu().path("content").path("body").asText()).isEqualTo("hello");
    assertThat(row.position()).isEqualTo(at(7));
    assertThat(row.place()).isEqualTo(at(7).packed());
    assertThat(row.redactedBy()).isNull();
    assertThat(row.sentBy()).isEqualTo(new RoomRecord.SentBy(ALICE, PHONE, "t1"));
  }

  @Test
  void showsNothingOfARedactedEventEvenWhileItsBodyIsThere() {
    body(bodyKey(ROOM, id("m")), "{'content':{'body':'secret'}}");
    fold(
        message(ROOM, at(1), "m").record(),
        new RoomRecord.EventRedacted(at(2), ROOM, "c2", true, id("m"), id("r")));

    EventRow row = views.timeline().event(ROOM, id("m")).orElseThrow();
    assertThat(row.redactedBy()).isEqualTo(id("r"));
    assertThat(row.pdu().toString()).doesNotContain("secret");
  }

  @Test
  void knowsAnEventInItsRoomOnly() {
    fold(message(ROOM, at(1), "m").record());
    assertThat(views.timeline().event(OTHER_ROOM, id("m"))).isEmpty();
    assertThat(views.timeline().event(ROOM, id("other"))).isEmpty();
  }

  @Test
  void ordersByPlaceInBothDirections() {
    for (int i = 0; i < 10; i++) {
      fold(message(ROOM, at(i), "m" + i).record());
      fold(message(OTHER_ROOM, at(i, 1), "o" + i).record());
    }
    long after = at(2).packed();
    long upTo = at(8).packed();
    assertThat(ids(views.timeline().newest(ROOM, after, upTo, 3)))
        .containsExactly(id("m8"), id("m7"), id("m6"));
    assertThat(ids(views.timeline().oldest(ROOM, after, upTo, 3)))
        .containsExactly(id("m3"), id("m4"), id("m5"));
    assertThat(ids(views.timeline().newest(ROOM, after, upTo, 100))).hasSize(6);
    assertThat(views.timeline().newest(ROOM, upTo, after, 3)).isEmpty();
  }

  @Test
  void readsFromEndToEnd() {
    fold(message(ROOM, at(0), "first").record(), message(ROOM, at(9), "last").record());
    assertThat(ids(views.timeline().oldest(ROOM, Long.MIN_VALUE, Long.MAX_VALUE, 10)))
        .containsExactly(id("first"), id("last"));
    assertThat(ids(views.timeline().oldest(ROOM, Position.NONE.packed(), at(0).packed(), 10)))
        .containsExactly(id("first"));
  }

  @Test
  void keepsWhatIsNotAcceptedOutOfTheTimeline() {
    fold(
        message(ROOM, at(0), "ok").record(),
        message(ROOM, at(1), "bad").verdict(Verdict.REJECTED).record(),
        message(ROOM, at(2), "soft").verdict(Verdict.SOFT_FAILED).record());
    assertThat(ids(views.timeline().newest(ROOM, -1, Long.MAX_VALUE, 10)))
        .containsExactly(id("ok"));
    assertThat(views.timeline().event(ROOM, id("bad")).orElseThrow().verdict())
        .isEqualTo(Verdict.REJECTED);
  }

  @Test
  void findsOutliersByIdAlone() {
    fold(message(ROOM, at(0), "a").record(), outlierMember(ROOM, at(1), "o", BOB, "join"));
    assertThat(ids(views.timeline().newest(ROOM, Long.MIN_VALUE, Long.MAX_VALUE, 9)))
        .containsExactly(id("a"));
    EventRow row = views.timeline().event(ROOM, id("o")).orElseThrow();
    assertThat(row.outlier()).isTrue();
    assertThat(row.place()).isNull();
    assertThat(views.timeline().event(ROOM, id("a")).orElseThrow().outlier()).isFalse();
  }

  @Test
  void anOutlierThatIsMetInItsPlaceIsNoneAnyMore() {
    RoomRecord outlier = outlierMember(ROOM, at(1), "j", BOB, "join");
    fold(outlier);
    fold(member(ROOM, at(2), "j", BOB, "join").place(-7).before("x").record());
    fold(outlier);
    EventRow row = views.timeline().event(ROOM, id("j")).orElseThrow();
    assertThat(row.outlier()).isFalse();
    assertThat(row.isBackfilled()).isTrue();
    assertThat(row.place()).isEqualTo(-7);
  }

  @Test
  void showsNothingOfWhatIsMintedOrWaits() {
    body(bodyKey(ROOM, id("m")), "{'content':{'body':'secret'}}");
    fold(
        new RoomRecord.EventMinted(
            at(1), ROOM, "c", true, id("m"), "12", json("{'type':'t'}"), true, "e", null),
        new RoomRecord.EventWaiting(
            at(2),
            ROOM,
            "c",
            true,
            id("w"),
            json("{'type':'t'}"),
            true,
            List.of(id("x")),
            0,
            null));
    assertThat(views.timeline().event(ROOM, id("m"))).isEmpty();
    assertThat(views.timeline().event(ROOM, id("w"))).isEmpty();
    assertThat(views.timeline().roomsOf(id("m"))).isEmpty();
  }

  @Test
  void findsEventsByTheirTime() {
    fold(
        message(ROOM, at(0), "a").ts(100).record(),
        message(ROOM, at(1), "b").ts(300).record(),
        message(ROOM, at(2), "c").ts(200).record(),
        message(ROOM, at(3), "d").ts(200).record(),
        message(ROOM, at(4), "no").ts(200).verdict(Verdict.REJECTED).record(),
        message(OTHER_ROOM, at(5), "o").ts(200).record());
    assertThat(ids(views.timeline().fromTime(ROOM, 101, 2))).containsExactly(id("c"), id("d"));
    assertThat(ids(views.timeline().fromTime(ROOM, 201, 9))).containsExactly(id("b"));
    assertThat(ids(views.timeline().fromTime(ROOM, 301, 9))).isEmpty();
    assertThat(ids(views.timeline().toTime(ROOM, 200, 9)))
        .containsExactly(id("d"), id("c"), id("a"));
    assertThat(ids(views.timeline().toTime(ROOM, 99, 9))).isEmpty();
    assertThat(ids(views.timeline().toTime(ROOM, Long.MAX_VALUE, 1))).containsExactly(id("b"));
  }

  @Test
  void knowsTheRoomOfAnEvent() {
    fold(message(ROOM, at(0), "a").record(), outlierMember(OTHER_ROOM, at(1), "o", BOB, "join"));
    assertThat(views.timeline().roomsOf(id("a"))).containsExactly(ROOM);
    assertThat(views.timeline().roomsOf(id("o"))).containsExactly(OTHER_ROOM);
    assertThat(views.timeline().roomsOf(id("none"))).isEmpty();
  }

  @Test
  void listsKnownEventsInTheOrderAskedFor() {
    fold(message(ROOM, at(0), "a").record(), message(ROOM, at(1), "b").record());
    assertThat(ids(views.timeline().events(ROOM, List.of(id("b"), id("none"), id("a")))))
        .containsExactly(id("b"), id("a"));
  }

  @Test
  void tellsWhoseDevicesChangedBetweenPositions() {
    fold(
        new RoomRecord.DevicesChanged(at(1), ROOM, "c1", true, ALICE, List.of()),
        new RoomRecord.DevicesChanged(at(2), ROOM, "c2", true, BOB, List.of()),
        new RoomRecord.DevicesChanged(at(3), ROOM, "c3", true, BOB, List.of()),
        new RoomRecord.DevicesChanged(at(2), OTHER_ROOM, "c2", true, ALICE, List.of()));
    assertThat(views.timeline().devicesChanged(ROOM, at(1), at(3))).containsExactly(BOB);
    assertThat(views.timeline().devicesChanged(ROOM, Position.NONE, at(1))).containsExactly(ALICE);
    assertThat(views.timeline().devicesChanged(ROOM, at(3), at(3))).isEmpty();
  }

  private static List<EventId> ids(List<EventRow> rows) {
    return rows.stream().map(EventRow::eventId).toList();
  }
}
