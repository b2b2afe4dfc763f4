package org.headrace.projections.fold;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.StateView;
import org.headrace.schema.record.Verdict;
import org.jspecify.annotations.Nullable;

/** What a record of {@code room.log} changes in the views of its room. Pure. */
public final class RoomFold {
  private static final String MEMBER = "m.room.member";
  private static final String CREATE = "m.room.create";

  private RoomFold() {}

  public static List<RowChange> fold(RoomRecord record) {
    return switch (record) {
      case RoomRecord.EventDecided decided -> decided(decided);
      case RoomRecord.OutlierDecided outlier -> List.of(outlier(outlier));
      case RoomRecord.StateMoved moved -> moved(moved);
      case RoomRecord.RemoteMembership noted -> noted(noted);
      case RoomRecord.GapChanged gap ->
          List.of(
              new RowChange.GapPut(
                  gap.roomId(),
                  gap.gapId(),
                  gap.frontier(),
                  gap.ceiling(),
                  gap.floor(),
                  gap.asked() != null));
      case RoomRecord.RoomUndone undone -> undone(undone);
      case RoomRecord.EventRedacted redacted ->
          List.of(
              new RowChange.RedactedPut(redacted.roomId(), redacted.target(), redacted.redaction()),
              touched(redacted));
      case RoomRecord.RoomForgotten forgotten ->
          List.of(
              new RowChange.ForgottenPut(
                  forgotten.roomId(), forgotten.user(), forgotten.position()),
              touched(forgotten));
      case RoomRecord.DevicesChanged changed ->
          List.of(
              new RowChange.DevicesChangedPut(changed.roomId(), changed.position(), changed.user()),
              touched(changed));
      // Nothing of these can be seen: what waits, or is minted, is not the room's yet.
      case RoomRecord.EventWaiting waiting -> List.of();
      case RoomRecord.EventMinted minted -> List.of();
      case RoomRecord.MintedDropped dropped -> List.of();
      case RoomRecord.UpgradeChanged upgrade -> List.of();
      case RoomRecord.JoinBegun begun -> List.of();
      case RoomRecord.JoiningState joining -> List.of();
      case RoomRecord.JoinDropped dropped -> List.of();
      case RoomRecord.WaitingExpired expired -> List.of();
      case RoomRecord.CommandSettled settled -> List.of();
    };
  }

  /** A record of {@code room.bodies}. */
  public static RowChange body(String recordKey, byte @Nullable [] body) {
    return body == null
        ? new RowChange.BodyDelete(recordKey)
        : new RowChange.BodyPut(recordKey, body);
  }

  /** The record key on {@code room.bodies} that must be in before the record can be shown. */
  public static Optional<String> awaitedBody(RoomRecord record) {
    return record.withBody().map(event -> record.roomId() + "|" + event);
  }

  /**
   * Who is concerned beyond those joined to the room: whose membership changed, who forgot. A step
   * of a join may change thousands of memberships; it concerns nobody, since the join event does.
   */
  public static SortedSet<UserId> concerned(RoomRecord record) {
    SortedSet<UserId> users = new TreeSet<>();
    switch (record) {
      case RoomRecord.EventDecided decided -> addMembers(decided.current(), users);
      case RoomRecord.RoomUndone undone -> addMembers(undone.current(), users);
      case RoomRecord.RoomForgotten forgotten -> users.add(forgotten.user());
      case RoomRecord.DevicesChanged changed -> users.add(changed.user());
      case RoomRecord.RemoteMembership noted -> users.add(noted.user());
      case RoomRecord.OutlierDecided outlier -> {}
      case RoomRecord.StateMoved moved -> {}
      case RoomRecord.GapChanged gap -> {}
      case RoomRecord.EventMinted minted -> {}
      case RoomRecord.MintedDropped dropped -> {}
      case RoomRecord.UpgradeChanged upgrade -> {}
      case RoomRecord.JoinBegun begun -> {}
      case RoomRecord.JoiningState joining -> {}
      case RoomRecord.JoinDropped dropped -> {}
      case RoomRecord.EventRedacted redacted -> {}
      case RoomRecord.EventWaiting waiting -> {}
      case RoomRecord.WaitingExpired expired -> {}
      case RoomRecord.CommandSettled settled -> {}
    }
    return users;
  }

  private static void addMembers(StateView current, SortedSet<UserId> users) {
    for (StateChange change : current.changes()) {
      if (change.type().equals(MEMBER)) {
        userId(change.stateKey()).ifPresent(users::add);
      }
    }
  }

  private static List<RowChange> undone(RoomRecord.RoomUndone record) {
    List<RowChange> rows = new ArrayList<>();
    for (StateChange change : record.current().changes()) {
      rows.add(new RowChange.StatePut(record.roomId(), record.position(), change.key(), null));
      if (change.type().equals(MEMBER)) {
        userId(change.stateKey())
            .ifPresent(
                user ->
                    rows.add(
                        new RowChange.MemberPut(
                            record.roomId(), user, record.position(), null, null, false)));
      }
    }
    rows.add(touched(record));
    return rows;
  }

  private static List<RowChange> decided(RoomRecord.EventDecided record) {
    List<RowChange> rows = new ArrayList<>();
    RoomId room = record.roomId();
    Long place = record.place();
    boolean backfilled = place != null && place != record.position().packed();
    StateView before = record.before();
    boolean accepted = record.verdict() == Verdict.ACCEPTED;
    if (accepted && !backfilled && brings(record.skeleton())) {
      rows.add(new RowChange.RoomPut(room, record.roomVersion()));
    }
    rows.add(
        new RowChange.EventPut(
            room,
            record.eventId(),
            record.roomVersion(),
            record.position(),
            place,
            record.verdict(),
            record.skeleton(),
            record.sentBy(),
            false,
            before == null ? null : before.base()));
    if (accepted && place != null) {
      long ts = record.skeleton().path("origin_server_ts").asLong();
      rows.add(new RowChange.TimelinePut(room, place, record.eventId(), ts));
    }
    if (before != null) {
      for (StateChange change : before.changes()) {
        rows.add(
            backfilled && before.base() != null
                ? new RowChange.PastPut(
                    room, Objects.requireNonNull(place), change.key(), change.eventId())
                : new RowChange.BeforePut(room, record.eventId(), change.key(), change.eventId()));
      }
    }
    for (StateChange change : record.current().changes()) {
      rows.add(new RowChange.StatePut(room, record.position(), change.key(), change.eventId()));
      if (change.type().equals(MEMBER)) {
        userId(change.stateKey()).ifPresent(user -> rows.add(member(record, user, change)));
      }
    }
    rows.add(new RowChange.ExtremitiesPut(room, record.extremities()));
    if (!backfilled) {
      rows.add(touched(record));
    }
    return rows;
  }

  /** Whether an accepted event means that the room is here: it is created, or someone joins. */
  private static boolean brings(ObjectNode skeleton) {
    String type = skeleton.path("type").asText();
    return type.equals(CREATE)
        || (type.equals(MEMBER)
            && skeleton.path("content").path("membership").asText().equals("join"));
  }

  private static RowChange outlier(RoomRecord.OutlierDecided record) {
    return new RowChange.EventPut(
        record.roomId(),
        record.eventId(),
        record.roomVersion(),
        record.position(),
        null,
        record.verdict(),
        record.skeleton(),
        null,
        true,
        null);
  }

  private static List<RowChange> moved(RoomRecord.StateMoved record) {
    List<RowChange> rows = new ArrayList<>();
    for (StateChange change : record.current().changes()) {
      rows.add(
          new RowChange.StatePut(
              record.roomId(), record.position(), change.key(), change.eventId()));
      if (change.type().equals(MEMBER)) {
        userId(change.stateKey())
            .ifPresent(
                user ->
                    rows.add(
                        new RowChange.MemberPut(
                            record.roomId(),
                            user,
                            record.position(),
                            change.eventId(),
                            null,
                            false)));
      }
    }
    rows.add(new RowChange.HeldPut(record.roomId(), record.position()));
    rows.add(touched(record));
    return rows;
  }

  private static List<RowChange> noted(RoomRecord.RemoteMembership record) {
    return List.of(
        new RowChange.EventPut(
            record.roomId(),
            record.eventId(),
            record.roomVersion(),
            record.position(),
            null,
            Verdict.ACCEPTED,
            record.skeleton(),
            null,
            true,
            null),
        new RowChange.MemberPut(
            record.roomId(),
            record.user(),
            record.position(),
            record.eventId(),
            record.membership(),
            true));
  }

  private static RowChange member(RoomRecord.EventDecided record, UserId user, StateChange change) {
    JsonNode membership =
        record.eventId().equals(change.eventId())
            ? record.skeleton().path("content").get("membership")
            : null;
    return new RowChange.MemberPut(
        record.roomId(),
        user,
        record.position(),
        change.eventId(),
        membership == null ? null : membership.asText(),
        false);
  }

  private static RowChange touched(RoomRecord record) {
    return new RowChange.RoomTouched(record.roomId(), record.position());
  }

  /**
   * Other servers' member events may have state keys that no user can have; they are no members.
   */
  private static Optional<UserId> userId(String stateKey) {
    try {
      return Optional.of(new UserId(stateKey));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }
}
