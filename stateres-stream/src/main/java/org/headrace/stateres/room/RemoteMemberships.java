package org.headrace.stateres.room;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.headrace.core.auth.Membership;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.schema.command.AccountCommand;
import org.headrace.schema.command.RoomCommand.NoteRemoteMembership;
import org.headrace.schema.log.Position;
import org.headrace.schema.log.Topic;
import org.headrace.schema.record.Failure;
import org.headrace.schema.record.RoomRecord;
import org.headrace.topology.machine.Output;
import org.headrace.topology.machine.State;

/**
 * What hosted users are in rooms that are not held: invited, knocking, out again. Nothing can
 * authorise these events here; ingest has checked who signed them.
 */
final class RemoteMemberships {
  /** Events of stripped state that are kept with an invite or a knock. */
  static final int STRIPPED_MAX = 100;

  private final RoomStore store;
  private final Residency residency;

  RemoteMemberships(RoomStore store, Residency residency) {
    this.store = store;
    this.residency = residency;
  }

  List<Output> note(Decision decision, NoteRemoteMembership command) {
    State state = decision.state();
    RoomId room = command.roomId();
    if (residency.isResident(state, room, store.head(state, room))) {
      return decision.refuse(
          new Refusal(Failure.BAD_STATE, "the room is held here: its events come as others do"));
    }
    RoomVersion version = RoomVersion.find(command.roomVersion()).orElse(null);
    if (version == null) {
      return decision.refuse(
          new Refusal(
              Failure.UNSUPPORTED_ROOM_VERSION,
              "room version " + command.roomVersion() + " is not supported"));
    }
    Pdu pdu;
    switch (check(command, version)) {
      case Incoming.Refused refused -> {
        return decision.refuse(refused.refusal());
      }
      case Incoming.Taken taken -> pdu = taken.pdu();
    }
    Remembered remembered = store.remembered(state, room, command.user());
    if (remembered != null && remembered.event().equals(pdu.id())) {
      return decision.settle(Decision.done());
    }
    record(decision, command, version, pdu);
    return decision.settle(Decision.done());
  }

  private static Incoming check(NoteRemoteMembership command, RoomVersion version) {
    if (command.strippedState().size() > STRIPPED_MAX) {
      return new Incoming.Refused(
          new Refusal(
              Failure.LIMIT_EXCEEDED, STRIPPED_MAX + " events of stripped state are the most"));
    }
    Incoming incoming = Incoming.of(command.event(), true, version, command.roomId());
    Pdu pdu = incoming.taken().orElse(null);
    if (pdu == null) {
      return incoming;
    }
    boolean says =
        pdu.is("m.room.member", command.user().value())
            && switch (Membership.of(pdu)) {
              case Membership.INVITE, Membership.KNOCK, Membership.LEAVE, Membership.BAN -> true;
              default -> false;
            };
    return says
        ? incoming
        : new Incoming.Refused(
            new Refusal(Failure.BAD_JSON, "the event does not say who the user is in the room"));
  }

  private static void record(
      Decision decision, NoteRemoteMembership command, RoomVersion version, Pdu pdu) {
    RoomId room = command.roomId();
    String membership = Membership.of(pdu);
    ObjectNode json = withStrippedState(command, pdu, membership);
    EventSkeleton.Split split = EventSkeleton.split(json, version);
    boolean hasBody = !split.body().isEmpty();
    Position at = decision.next();
    decision.add(
        new RoomRecord.RemoteMembership(
            at,
            room,
            command.id(),
            false,
            command.user(),
            membership,
            pdu.id(),
            version.id(),
            split.skeleton(),
            hasBody));
    if (hasBody) {
      Bodies.put(decision, pdu.id(), split.body());
    }
    if (membership.equals(Membership.LEAVE) || membership.equals(Membership.BAN)) {
      AccountCommand note =
          new AccountCommand.NoteMembership(
              Recorder.crossingId(room, at, command.user().value()),
              command.ts(),
              command.user(),
              room,
              membership,
              at,
              null,
              null);
      decision.addBeside(Output.of(Topic.ACCOUNT_COMMANDS, command.user().value(), note));
    }
  }

  private static ObjectNode withStrippedState(
      NoteRemoteMembership command, Pdu pdu, String membership) {
    ObjectNode json = Json.object();
    json.setAll(pdu.json());
    String member =
        switch (membership) {
          case Membership.INVITE -> "invite_room_state";
          case Membership.KNOCK -> "knock_room_state";
          default -> "";
        };
    if (!member.isEmpty()) {
      ArrayNode events = json.putObject("unsigned").putArray(member);
      command.strippedState().forEach(events::add);
    }
    return json;
  }
}
