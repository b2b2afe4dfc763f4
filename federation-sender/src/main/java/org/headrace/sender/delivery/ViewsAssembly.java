package org.headrace.sender.delivery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.headrace.core.id.DeviceId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.ShownKeys;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.Partitions;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.DeviceListChange;
import org.headrace.schema.record.KeyPurpose;
import org.headrace.sender.queue.QueuedEntry;

/**
 * Transactions of what the views hold: an event as it is now, redacted if it has been since, and
 * signed now (design D1).
 */
public final class ViewsAssembly implements Assembly {
  private static final long VIEWS_WAIT_MILLIS = 5_000;
  private static final long VIEWS_LOOK_MILLIS = 5;
  private static final String DEVICE_LIST = "m.device_list_update";
  private static final String SIGNING_KEYS = "m.signing_key_update";

  /** Whom a user has verified is nobody else's concern. */
  private static final List<String> SHOWN_PURPOSES =
      List.of(KeyPurpose.MASTER, KeyPurpose.SELF_SIGNING);

  private final Partitions partitions;
  private final RoomsView rooms;
  private final TimelineView timeline;
  private final AccountsView accounts;
  private final ShownKeys keys;
  private final LocalSignatures signatures;

  public ViewsAssembly(
      Partitions partitions,
      RoomsView rooms,
      TimelineView timeline,
      AccountsView accounts,
      LocalSignatures signatures) {
    this.partitions = partitions;
    this.rooms = rooms;
    this.timeline = timeline;
    this.accounts = accounts;
    this.keys = new ShownKeys(accounts);
    this.signatures = signatures;
  }

  @Override
  public Optional<Transaction> assemble(QueueKey queue, List<QueuedEntry> entries)
      throws InterruptedException {
    List<ObjectNode> pdus = new ArrayList<>();
    List<ObjectNode> edus = new ArrayList<>();
    for (QueuedEntry entry : entries) {
      switch (entry.record()) {
        case QueueRecord.Pdu pdu -> pdu(pdu).ifPresent(pdus::add);
        case QueueRecord.Edu edu -> edu(edu).ifPresent(edus::add);
        case QueueRecord.DeviceList step -> step(step).ifPresent(edus::add);
        case QueueRecord.Wake wake -> throw new IllegalArgumentException("a wake is not sent");
      }
    }
    if (pdus.isEmpty() && edus.isEmpty()) {
      return Optional.empty();
    }
    // The newest entry's time: made again after a crash, the transaction is the same.
    return Optional.of(Transaction.of(queue.tenant(), entries.getLast().ts(), pdus, edus));
  }

  private Optional<ObjectNode> pdu(QueueRecord.Pdu queued) throws InterruptedException {
    int partition = partitions.ofRoom(queued.roomId().value());
    awaitViews(queued.position(), () -> rooms.reached(partition));
    return timeline.event(queued.roomId(), queued.eventId()).map(this::shown);
  }

  private ObjectNode shown(EventRow row) {
    ObjectNode pdu = row.pdu().deepCopy();
    pdu.remove("unsigned");
    RoomVersion version =
        RoomVersion.find(row.roomVersion())
            .orElseThrow(() -> new IllegalStateException("room version " + row.roomVersion()));
    return signatures.complete(pdu, version);
  }

  private static void awaitViews(Position position, Supplier<Position> reached)
      throws InterruptedException {
    for (long waited = 0; position.isAfter(reached.get()); ) {
      if (waited >= VIEWS_WAIT_MILLIS) {
        throw new ViewsBehindException();
      }
      Thread.sleep(VIEWS_LOOK_MILLIS);
      waited += VIEWS_LOOK_MILLIS;
    }
  }

  private Optional<ObjectNode> edu(QueueRecord.Edu edu) {
    return switch (edu.eduType()) {
      case DEVICE_LIST -> Optional.of(anyStep(user(edu)));
      case SIGNING_KEYS -> signingKeys(user(edu));
      default -> Optional.of(edu(edu.eduType(), edu.content()));
    };
  }

  private static UserId user(QueueRecord.Edu edu) {
    return new UserId(edu.content().path("user_id").asText());
  }

  /**
   * A step of a device list, with what the views say of the device: this or something newer, of
   * which a later step tells too.
   */
  private Optional<ObjectNode> step(QueueRecord.DeviceList queued) throws InterruptedException {
    UserId user = queued.user();
    DeviceListChange change = queued.change();
    int partition = partitions.ofAccount(user.value());
    awaitViews(change.position(), () -> accounts.reached(partition));
    if (change.device() == null) {
      return signingKeys(user);
    }
    ObjectNode content = update(user, change.device().value(), change.position());
    ArrayNode previous = content.putArray("prev_id");
    if (change.previous() != null) {
      previous.add(change.previous().packed());
    }
    keys.device(user, change.device())
        .ifPresentOrElse(
            shown -> {
              content.set("keys", shown.keys());
              if (shown.displayName() != null) {
                content.put("device_display_name", shown.displayName());
              }
            },
            () -> content.put("deleted", true));
    return Optional.of(edu(DEVICE_LIST, content));
  }

  /**
   * That the list is another, no more. It names no step before, so the other side fetches the list,
   * and any device does.
   */
  private ObjectNode anyStep(UserId user) {
    Position newest = accounts.devicesChanged(user);
    String device =
        accounts.deviceKeys(user).keySet().stream().findFirst().map(DeviceId::value).orElse("");
    ObjectNode content = update(user, device, newest);
    content.putArray("prev_id");
    return edu(DEVICE_LIST, content);
  }

  private static ObjectNode update(UserId user, String device, Position streamId) {
    return Json.object()
        .put("user_id", user.value())
        .put("device_id", device)
        .put("stream_id", Math.max(0, streamId.packed()));
  }

  private Optional<ObjectNode> signingKeys(UserId user) {
    ObjectNode content = Json.object();
    for (String purpose : SHOWN_PURPOSES) {
      keys.signingKey(user, purpose).ifPresent(key -> content.set(purpose + "_key", key));
    }
    return content.isEmpty()
        ? Optional.empty()
        : Optional.of(edu(SIGNING_KEYS, content.put("user_id", user.value())));
  }

  private static ObjectNode edu(String type, ObjectNode content) {
    ObjectNode json = Json.object().put("edu_type", type);
    json.set("content", content);
    return json;
  }
}
