package org.headrace.projections.fold;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.UserId;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateChange;
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
      // Nothing of these can be seen.
      case RoomRecord.EventWaiting waiting -> List.of();
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
    return record instanceof RoomRecord.EventDecided decided && decided.hasBody()
        ? Optional.of(decided.roomId() + "|" + decided.eventId())
        : Optional.empty();
  }

  /** Who is concerned beyond those joined to the room: whose membership changed, who forgot. */
  public static SortedSet<UserId> concerned(RoomRecord record) {
    SortedSet<UserId> users = new TreeSet<>();
    switch (record) {
      case RoomRecord.EventDecided decided -> {
        for (StateChange change : decided.current().changes()) {
          if (change.type().equals(MEMBER)) {
            userId(change.stateKey()).ifPresent(users::add);
          }
        }
      }
      case RoomRecord.RoomForgotten forgotten -> users.add(forgotten.user());
      case RoomRecord.DevicesChanged changed -> users.add(changed.user());
      case RoomRecord.EventRedacted redacted -> {}
      case RoomRecord.EventWaiting waiting -> {}
      case RoomRecord.CommandSettled settled -> {}
    }
    return users;
  }

  private static List<RowChange> decided(RoomRecord.EventDecided record) {
    List<RowChange> rows = new ArrayList<>();
    boolean accepted = record.verdict() == Verdict.ACCEPTED;
    if (accepted && record.skeleton().path("type").asText().equals(CREATE)) {
      rows.add(new RowChange.RoomPut(record.roomId(), record.roomVersion(), record.position()));
    }
    rows.add(
        new RowChange.EventPut(
            record.roomId(),
            record.eventId(),
            record.roomVersion(),
            record.position(),
            record.place(),
            record.verdict(),
            record.skeleton(),
            record.sentBy()));
    Long place = record.place();
    if (accepted && place != null) {
      rows.add(new RowChange.TimelinePut(record.roomId(), place, record.eventId()));
    }
    for (StateChange change : record.current().changes()) {
      rows.add(
          new RowChange.StatePut(
              record.roomId(), record.position(), change.key(), change.eventId()));
      if (change.type().equals(MEMBER)) {
        userId(change.stateKey()).ifPresent(user -> rows.add(member(record, user, change)));
      }
    }
    rows.add(touched(record));
    return rows;
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
        membership == null ? null : membership.asText());
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
