package org.headrace.ingest.federation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.headrace.core.event.Pdu;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.http.Peer;
import org.headrace.ingest.client.Writes;
import org.headrace.ingest.federation.HeldRooms.Held;
import org.headrace.ingest.remote.PduChecks;
import org.headrace.ingest.remote.PduChecks.Result;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.command.RoomCommand;

/**
 * The PDUs of one transaction: what passes the checks of its form, its signatures and the room's
 * server ACL becomes a command; what does not is named with its error in the answer.
 */
@ApplicationScoped
public class PduIntake {
  private static final String NOT_IN_ROOM = "this server is not in the room";

  @Inject HeldRooms held;
  @Inject RoomsView rooms;
  @Inject TimelineView timeline;
  @Inject PduChecks checks;
  @Inject Writes writes;

  /** A room as one transaction sees it; looked up once. */
  private record Gate(Optional<Held> held, boolean allowed) {}

  /** What became of a PDU, and which command it makes if it is valid. */
  private record Checked(
      Result result, RoomVersion version, Function<Pdu, Optional<RoomCommand>> command) {}

  /** Event id to {@code {}} or {@code {"error": …}}; what is good is durable then, in order. */
  ObjectNode take(Peer peer, List<JsonNode> pdus) {
    Map<RoomId, Gate> gates = new HashMap<>(); // Never iterated.
    List<Callable<Checked>> tasks = new ArrayList<>(pdus.size());
    for (JsonNode node : pdus) {
      if (node instanceof ObjectNode pdu) {
        Checked formed = form(peer, pdu, gates);
        tasks.add(() -> signed(formed));
      }
    }
    ObjectNode results = Json.object();
    List<RoomCommand> commands = new ArrayList<>();
    for (Checked checked : tasks.isEmpty() ? List.<Checked>of() : writes.all(tasks)) {
      switch (checked.result()) {
        case Result.Valid(Pdu pdu) -> {
          checked.command().apply(pdu).ifPresent(commands::add);
          results.putObject(pdu.id().value());
        }
        case Result.Invalid invalid -> {
          if (invalid.id() != null) {
            results.putObject(invalid.id().value()).put("error", invalid.problem());
          }
        }
      }
    }
    if (!commands.isEmpty()) {
      writes.log().publishPaced(commands);
    }
    return results;
  }

  private Checked signed(Checked formed) {
    return formed.result() instanceof Result.Valid valid
        ? new Checked(checks.signed(valid, formed.version()), formed.version(), formed.command())
        : formed;
  }

  private Checked form(Peer peer, ObjectNode pdu, Map<RoomId, Gate> gates) {
    RoomId room;
    try {
      room = new RoomId(pdu.path("room_id").asText());
    } catch (InvalidIdException e) {
      // The create event of a version 12 room has none; nobody is in the room before it.
      return refused(pdu, NOT_IN_ROOM);
    }
    Gate gate = gates.computeIfAbsent(room, id -> gate(peer, id));
    if (gate.held().isEmpty()) {
      return ofOutsider(peer, room, pdu);
    }
    RoomVersion version = gate.held().get().version();
    Result result = PduChecks.form(pdu, version, room);
    if (!gate.allowed() && result instanceof Result.Valid(Pdu event)) {
      result = new Result.Invalid(event.id(), "the room's server ACL denies " + peer.origin());
    }
    return new Checked(result, version, event -> Optional.of(receive(peer, event)));
  }

  private Gate gate(Peer peer, RoomId room) {
    Optional<Held> found = held.find(room, peer.tenant());
    return new Gate(found, found.isPresent() && held.isAllowed(room, peer.origin()));
  }

  private RoomCommand receive(Peer peer, Pdu event) {
    return new RoomCommand.ReceiveEvent(
        writes.newId(), writes.now(), event.roomId(), peer.origin(), event.json(), true);
  }

  /**
   * The tenant is not in the room, but its user may be invited or knock: then it is told that this
   * has ended. Nothing can be authorised without the room's state, so the event must name ours
   * among its auth events, whose id only those in the room know, and an invite is taken back by who
   * sent it alone.
   */
  private Checked ofOutsider(Peer peer, RoomId room, ObjectNode pdu) {
    Optional<EventRow> known = outsider(peer, room, pdu);
    if (known.isEmpty()) {
      return refused(pdu, NOT_IN_ROOM);
    }
    EventRow ours = known.get();
    RoomVersion version = RoomVersion.find(ours.roomVersion()).orElse(RoomVersion.DEFAULT);
    Result result = PduChecks.form(pdu, version, room);
    if (result instanceof Result.Valid(Pdu event)) {
      String membership = event.content().path("membership").asText();
      boolean ends = membership.equals("leave") || membership.equals("ban");
      if (!ends || !event.authEvents().contains(ours.eventId()) || !mayEnd(event, ours)) {
        result = new Result.Invalid(event.id(), NOT_IN_ROOM);
      }
    }
    return new Checked(result, version, event -> end(peer, event, version));
  }

  /** A room that another tenant is in decides it, unless its server ACL denies who sent it. */
  private Optional<RoomCommand> end(Peer peer, Pdu event, RoomVersion version) {
    RoomId room = event.roomId();
    if (!held.isHeld(room)) {
      return Optional.of(noteOutsider(event, version));
    }
    return held.isAllowed(room, peer.origin())
        ? Optional.of(receive(peer, event))
        : Optional.empty();
  }

  /** Who may kick is not known; that those who invite may take it back, is. */
  private static boolean mayEnd(Pdu event, EventRow ours) {
    boolean invite = ours.pdu().path("content").path("membership").asText().equals("invite");
    return !invite || event.sender().value().equals(ours.pdu().path("sender").asText());
  }

  private Optional<EventRow> outsider(Peer peer, RoomId room, ObjectNode pdu) {
    if (!pdu.path("type").asText().equals("m.room.member")) {
      return Optional.empty();
    }
    UserId user;
    try {
      user = new UserId(pdu.path("state_key").asText());
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
    return user.server().equals(peer.tenant())
        ? rooms
            .membership(room, user)
            .filter(row -> row.membership().equals("invite") || row.membership().equals("knock"))
            .flatMap(row -> timeline.event(room, row.eventId()))
        : Optional.empty();
  }

  private RoomCommand noteOutsider(Pdu event, RoomVersion version) {
    return new RoomCommand.NoteRemoteMembership(
        writes.newId(),
        writes.now(),
        event.roomId(),
        version.id(),
        new UserId(event.json().path("state_key").asText()),
        event.json(),
        List.of());
  }

  /** Of a room that is not known the version is not either, so the id is the newest versions'. */
  private static Checked refused(ObjectNode pdu, String problem) {
    EventId id = null;
    try {
      id =
          pdu.has("event_id")
              ? new EventId(pdu.path("event_id").asText())
              : PduChecks.claimedId(pdu, RoomVersion.DEFAULT);
    } catch (InvalidIdException e) {
      // It has none that an answer could name.
    }
    return new Checked(
        new Result.Invalid(id, problem),
        RoomVersion.DEFAULT,
        event -> {
          throw new IllegalStateException("refused");
        });
  }
}
