package org.headrace.sender.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.projections.view.AccountsView;
import org.headrace.projections.view.EventRow;
import org.headrace.projections.view.RoomsView;
import org.headrace.projections.view.TimelineView;
import org.headrace.schema.federation.QueueKey;
import org.headrace.schema.federation.QueueRecord;
import org.headrace.schema.log.Partitions;
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
    awaitViews(queued);
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

  private void awaitViews(QueueRecord.Pdu queued) throws InterruptedException {
    int partition = partitions.ofRoom(queued.roomId().value());
    for (long waited = 0; queued.position().isAfter(rooms.reached(partition)); ) {
      if (waited >= VIEWS_WAIT_MILLIS) {
        throw new ViewsBehindException();
      }
      Thread.sleep(VIEWS_LOOK_MILLIS);
      waited += VIEWS_LOOK_MILLIS;
    }
  }

  private Optional<ObjectNode> edu(QueueRecord.Edu edu) {
    ObjectNode content = edu.content().deepCopy();
    if (edu.eduType().equals(DEVICE_LIST)) {
      content.put("device_id", anyDevice(new UserId(content.path("user_id").asText())));
    } else if (edu.eduType().equals(SIGNING_KEYS)) {
      var keys = accounts.signingKeys(new UserId(content.path("user_id").asText()));
      if (keys.isEmpty()) {
        return Optional.empty();
      }
      keys.forEach(
          (purpose, key) -> {
            if (SHOWN_PURPOSES.contains(purpose)) {
              content.set(purpose + "_key", key);
            }
          });
    }
    ObjectNode json = Json.object().put("edu_type", edu.eduType());
    json.set("content", content);
    return Optional.of(json);
  }

  /**
   * A device list update names one device. Without {@code prev_id} it makes the other side fetch
   * the whole list, so it need not be the one that changed.
   */
  private String anyDevice(UserId user) {
    List<AccountsView.Device> devices = accounts.devices(user);
    return devices.isEmpty() ? "" : devices.getFirst().device().value();
  }
}
