package org.headrace.core.dag;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.headrace.core.event.EventSkeleton;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.EventId;
import org.headrace.core.id.InvalidIdException;
import org.headrace.core.id.RoomId;
import org.headrace.core.json.Json;
import org.headrace.core.receipt.ReceiptResult;
import org.headrace.core.receipt.ReceiptRule;
import org.headrace.core.receipt.ReceivedForm;
import org.headrace.core.receipt.SignatureCheck;
import org.headrace.core.receipt.SignatureVerifier;
import org.headrace.core.roomversion.RoomVersion;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the events of one room, in any order, to replay them. It keeps of each what the rules
 * read, as bytes. One thread.
 *
 * <p>{@code RoomDag.of(version, pdus).replay()} is all that it takes where the events are at hand.
 */
public final class RoomDag {
  private static final ReceiptResult.Dropped IN_CIRCLE =
      new ReceiptResult.Dropped(
          ReceiptRule.Form.NAMES_ITSELF, "the event names itself through others");

  private final RoomVersion version;
  private final RoomId room;

  /** All events met or named; iterated in the order in which they were first. */
  private final Map<EventId, DagNode> nodes = new LinkedHashMap<>();

  public RoomDag(RoomVersion version, RoomId room) {
    this.version = version;
    this.room = room;
  }

  /** What came of an event that was added. */
  public sealed interface Added {
    /**
     * It is part of the room.
     *
     * @param redacted whether its content hash was wrong, so that its redacted form is used
     * @param computed the id that follows from its content, if it claims another one, under which
     *     it is kept
     */
    record Taken(EventId id, boolean redacted, Optional<EventId> computed) implements Added {}

    /**
     * It was there before.
     *
     * @param differs whether what was there is not the same; then the one whose bytes sort first is
     *     kept, so that the order of lines does not matter
     */
    record Repeated(EventId id, boolean differs) implements Added {}

    /** It cannot be an event of this room. */
    record Refused(ReceiptResult.Dropped dropped) implements Added {}
  }

  /** The room of these events, whose form was checked; the first one says which room it is. */
  public static RoomDag of(RoomVersion version, Collection<Pdu> events) {
    RoomDag dag = new RoomDag(version, events.iterator().next().roomId());
    events.forEach(dag::add);
    return dag;
  }

  /**
   * Adds an event as it was received; checks 1 to 3.
   *
   * @param received may hold an {@code event_id} also where its version has none; it is then kept
   *     under that
   */
  public Added add(ObjectNode received, SignatureVerifier verifier) {
    ObjectNode json = received;
    Optional<EventId> claimed = Optional.empty();
    if (!version.events().idGiven() && received.has("event_id")) {
      claimed = eventId(received.path("event_id").asText());
      json = Json.object();
      json.setAll(received);
      json.remove("event_id");
    }
    return switch (ReceivedForm.of(json, version, verifier)) {
      case ReceivedForm.Malformed malformed -> new Added.Refused(malformed.dropped());
      case ReceivedForm.Wellformed formed -> {
        Pdu pdu = formed.pdu();
        Optional<EventId> other = claimed.filter(id -> !id.equals(pdu.id()));
        Pdu kept = other.map(id -> named(pdu, id, version)).orElse(pdu);
        boolean signed = formed.authoriser() != SignatureCheck.INVALID;
        Added added = add(kept, formed.redacted(), signed);
        yield added instanceof Added.Taken && other.isPresent()
            ? new Added.Taken(kept.id(), formed.redacted(), Optional.of(pdu.id()))
            : added;
      }
    };
  }

  /**
   * The room of an event, if it can be told: from version 12 on a create event is what names it.
   *
   * @param received may hold an {@code event_id} also where its version has none
   */
  public static Optional<RoomId> roomOf(ObjectNode received, RoomVersion version) {
    ObjectNode json = Json.object();
    json.setAll(received);
    if (!version.events().idGiven()) {
      json.remove("event_id");
    }
    return switch (ReceivedForm.of(json, version, SignatureVerifier.NO_KEYS)) {
      case ReceivedForm.Malformed malformed -> Optional.empty();
      case ReceivedForm.Wellformed formed ->
          Optional.of(
              eventId(received.path("event_id").asText())
                  .filter(id -> !version.events().idGiven())
                  .map(id -> named(formed.pdu(), id, version))
                  .orElse(formed.pdu())
                  .roomId());
    };
  }

  /** Adds an event whose form was checked. */
  public Added add(Pdu pdu) {
    return add(pdu, false, true);
  }

  /** Decides all events. Nothing may be added afterwards. */
  public DagReplay replay() {
    return replay(decided -> {});
  }

  /** The same, telling after each event how many are decided. */
  public DagReplay replay(DagProgress progress) {
    DagRun run = newRun();
    run.decideAll(DagOrder.of(nodes.values(), node -> run.drop(node, IN_CIRCLE)), progress);
    return new DagReplay(version, run);
  }

  /** A run that has decided nothing. */
  DagRun newRun() {
    nodes.values().forEach(DagNode::forgetVerdict);
    return new DagRun(version, room, nodes);
  }

  public RoomVersion version() {
    return version;
  }

  public RoomId room() {
    return room;
  }

  private Added add(Pdu pdu, boolean redacted, boolean authoriserSigned) {
    Optional<ReceiptResult.Dropped> dropped = ReceivedForm.checkPlace(room, false, pdu);
    if (dropped.isPresent()) {
      return new Added.Refused(dropped.get());
    }
    ObjectNode skeleton = EventSkeleton.split(pdu.json(), version).skeleton();
    // The rules read neither once they are checked.
    skeleton.remove("signatures");
    skeleton.remove("hashes");
    byte[] bytes = Json.bytes(skeleton);
    DagNode node = node(pdu.id());
    if (!node.isPresent()) {
      fill(node, pdu, bytes, redacted);
      node.authoriserSigned = authoriserSigned;
      return new Added.Taken(pdu.id(), redacted, Optional.empty());
    }
    node.authoriserSigned |= authoriserSigned;
    boolean same = Arrays.equals(node.skeleton, bytes);
    if (redacted == node.redacted ? comesBefore(bytes, node.skeleton) : node.redacted) {
      fill(node, pdu, bytes, redacted);
    }
    return new Added.Repeated(pdu.id(), !same);
  }

  private static boolean comesBefore(byte[] bytes, byte @Nullable [] others) {
    return Arrays.compare(bytes, others) < 0;
  }

  private void fill(DagNode node, Pdu pdu, byte[] skeleton, boolean redacted) {
    node.skeleton = skeleton;
    node.redacted = redacted;
    node.prev = nodes(pdu.prevEvents());
    node.auth = nodes(pdu.authEvents());
    node.originServerTs = pdu.originServerTs();
    node.depth = pdu.depth();
    node.key = pdu.stateKey().map(key -> new StateKey(pdu.type(), key)).orElse(null);
  }

  private DagNode[] nodes(List<EventId> ids) {
    return ids.stream().map(this::node).toArray(DagNode[]::new);
  }

  DagNode node(EventId id) {
    return nodes.computeIfAbsent(id, DagNode::new);
  }

  /** The event under another id; a create event's room follows from it. */
  private static Pdu named(Pdu pdu, EventId id, RoomVersion version) {
    boolean definesRoom = version.events().roomIdFromCreate() && !pdu.json().has("room_id");
    return new Pdu(
        id, definesRoom ? new RoomId("!" + id.value().substring(1)) : pdu.roomId(), pdu.json());
  }

  private static Optional<EventId> eventId(String value) {
    try {
      return Optional.of(new EventId(value));
    } catch (InvalidIdException e) {
      return Optional.empty();
    }
  }
}
