package org.headrace.sender.outbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.headrace.core.id.EventId;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.ServerName;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.ReceiptRecord;
import org.headrace.schema.record.RoomRecord;
import org.headrace.schema.record.StateChange;
import org.headrace.schema.record.TypingRecord;
import org.headrace.schema.record.Verdict;
import org.headrace.schema.tenant.Tenants;

/**
 * Says who gets what of a room: the servers that are in it when the record is met, and the server
 * of whom a member event is about, though never a tenant of this deployment (design D9). One
 * thread.
 */
final class Outbox {
  static final String MEMBER = "m.room.member";
  private static final String PUBLIC_RECEIPT = "m.read";

  private final RoomServers servers;
  private final Tenants tenants;

  /** One thing for one destination. */
  record Queued(QueueKey key, QueueRecord record) {}

  Outbox(RoomServers servers, Tenants tenants) {
    this.servers = servers;
    this.tenants = tenants;
  }

  List<Queued> of(RoomRecord record) {
    return switch (record) {
      case RoomRecord.EventDecided event -> decided(event);
      case RoomRecord.OutlierDecided outlier -> {
        note(outlier.roomId(), outlier.skeleton(), outlier.eventId());
        yield List.of();
      }
      case RoomRecord.StateMoved moved -> {
        follow(moved.roomId(), moved.current().changes());
        yield List.of();
      }
      case RoomRecord.RoomUndone undone -> {
        follow(undone.roomId(), undone.current().changes());
        yield List.of();
      }
      case RoomRecord.DevicesChanged changed -> devices(changed);
      case RoomRecord.EventWaiting waiting -> List.of();
      case RoomRecord.WaitingExpired expired -> List.of();
      case RoomRecord.EventMinted minted -> List.of();
      case RoomRecord.MintedDropped given -> List.of();
      case RoomRecord.JoinBegun begun -> List.of();
      case RoomRecord.JoiningState joining -> List.of();
      case RoomRecord.JoinDropped dropped -> List.of();
      case RoomRecord.UpgradeChanged upgrade -> List.of();
      case RoomRecord.GapChanged gap -> List.of();
      case RoomRecord.RemoteMembership membership -> List.of();
      case RoomRecord.EventRedacted redacted -> List.of();
      case RoomRecord.RoomForgotten forgotten -> List.of();
      case RoomRecord.CommandSettled settled -> List.of();
    };
  }

  List<Queued> of(TypingRecord typing) {
    ObjectNode content =
        Json.object()
            .put("room_id", typing.roomId().value())
            .put("user_id", typing.user().value())
            .put("typing", typing.untilTs() > 0);
    String replaces = "typing|" + typing.roomId() + "|" + typing.user();
    return edus(typing.roomId(), typing.user(), "m.typing", content, replaces);
  }

  List<Queued> of(ReceiptRecord receipt) {
    if (!receipt.type().equals(PUBLIC_RECEIPT)) {
      // Private ones reach only their owner (design D13).
      return List.of();
    }
    ObjectNode content = Json.object();
    ObjectNode user =
        content
            .putObject(receipt.roomId().value())
            .putObject(PUBLIC_RECEIPT)
            .putObject(receipt.user().value());
    user.putArray("event_ids").add(receipt.eventId().value());
    ObjectNode data = user.putObject("data").put("ts", receipt.ts());
    if (receipt.threadId() != null) {
      data.put("thread_id", receipt.threadId());
    }
    String replaces = "receipt|" + receipt.recordKey();
    return edus(receipt.roomId(), receipt.user(), "m.receipt", content, replaces);
  }

  private List<Queued> decided(RoomRecord.EventDecided event) {
    note(event.roomId(), event.skeleton(), event.eventId());
    follow(event.roomId(), event.current().changes());
    if (event.verdict() != Verdict.ACCEPTED || event.sendAs().isEmpty()) {
      return List.of();
    }
    ServerName tenant = event.sendAs().get();
    SortedSet<ServerName> destinations = new TreeSet<>(servers.servers(event.roomId()));
    if (event.skeleton().path("type").asText().equals(MEMBER)) {
      RoomServers.serverOf(event.skeleton().path("state_key").asText())
          .ifPresent(destinations::add);
    }
    // Who brought it has it.
    destinations.remove(new UserId(event.skeleton().path("sender").asText()).server());
    QueueRecord.Pdu pdu = new QueueRecord.Pdu(event.roomId(), event.eventId(), event.position());
    return queued(tenant, destinations, pdu);
  }

  /**
   * Each step for itself. Where none is known, the servers are told that the list is another; they
   * fetch it.
   */
  private List<Queued> devices(RoomRecord.DevicesChanged changed) {
    List<Queued> queued = new ArrayList<>();
    for (DeviceListChange change : changed.changes()) {
      QueueRecord step = new QueueRecord.DeviceList(changed.user(), change);
      queued.addAll(ofUser(changed.roomId(), changed.user(), step));
    }
    if (changed.changes().isEmpty()) {
      for (String type : List.of("m.device_list_update", "m.signing_key_update")) {
        ObjectNode content = Json.object().put("user_id", changed.user().value());
        String replaces = type + "|" + changed.user();
        queued.addAll(edus(changed.roomId(), changed.user(), type, content, replaces));
      }
    }
    return queued;
  }

  private List<Queued> edus(
      RoomId room, UserId user, String type, ObjectNode content, String replaces) {
    return ofUser(room, user, new QueueRecord.Edu(type, content, replaces));
  }

  /** What a user of ours did goes to the room's servers. */
  private List<Queued> ofUser(RoomId room, UserId user, QueueRecord record) {
    return tenants.isHosted(user.server())
        ? queued(user.server(), new TreeSet<>(servers.servers(room)), record)
        : List.of();
  }

  private List<Queued> queued(
      ServerName tenant, SortedSet<ServerName> destinations, QueueRecord record) {
    List<Queued> queued = new ArrayList<>();
    for (ServerName destination : destinations) {
      if (!tenants.isHosted(destination)) {
        queued.add(new Queued(new QueueKey(tenant, destination), record));
      }
    }
    return queued;
  }

  private void note(RoomId room, ObjectNode skeleton, EventId event) {
    if (skeleton.path("type").asText().equals(MEMBER)) {
      servers.note(room, event, skeleton.path("content").path("membership").asText());
    }
  }

  private void follow(RoomId room, List<StateChange> changes) {
    for (StateChange change : changes) {
      if (change.type().equals(MEMBER)) {
        servers.set(room, change.stateKey(), change.eventId());
      }
    }
  }
}
