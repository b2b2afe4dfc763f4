package org.headrace.ingest.remote;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.StateView;
import org.headrace.projections.view.TimelineView;

/** Events as other servers are shown them: as PDUs, with the signatures of hosted servers. */
@ApplicationScoped
public class ShownPdus {
  /** What helps to identify a room to who is not in it (client-server API, "Stripped state"). */
  private static final List<StateKey> STRIPPED =
      Stream.of(
              "m.room.create",
              "m.room.name",
              "m.room.avatar",
              "m.room.topic",
              "m.room.join_rules",
              "m.room.canonical_alias",
              "m.room.encryption")
          .map(type -> new StateKey(type, ""))
          .toList();

  @Inject LocalSignatures signatures;
  @Inject RoomsView rooms;
  @Inject StateView state;
  @Inject TimelineView timeline;

  public ObjectNode pdu(EventRow row) {
    ObjectNode pdu = Json.object();
    pdu.setAll(row.pdu());
    pdu.remove("unsigned");
    RoomVersion version = RoomVersion.find(row.roomVersion()).orElse(RoomVersion.DEFAULT);
    return signatures.complete(pdu, version);
  }

  /** The event of this id, if it is known. */
  public Optional<ObjectNode> find(RoomId room, EventId event) {
    return timeline.event(room, event).map(this::pdu);
  }

  /** The state events that the room is shown by to who knocks. */
  public List<ObjectNode> strippedState(RoomId room) {
    return rooms.room(room).stream()
        .flatMap(row -> STRIPPED.stream().map(key -> state.entry(room, key, row.last())))
        .flatMap(Optional::stream)
        .flatMap(event -> timeline.event(room, event).stream())
        .map(this::pdu)
        .toList();
  }
}
