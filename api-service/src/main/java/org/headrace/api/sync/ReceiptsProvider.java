package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.headrace.core.id.RoomId;
import org.headrace.core.id.UserId;
import org.headrace.core.json.Json;
import org.headrace.projections.view.EphemeralView;
import org.headrace.schema.log.Position;
import org.headrace.schema.record.ReceiptRecord;

/** Read receipts of a room; private ones reach their owner only (receipts module). */
@Singleton
public class ReceiptsProvider {
  private final EphemeralView ephemeral;

  @Inject
  public ReceiptsProvider(EphemeralView ephemeral) {
    this.ephemeral = ephemeral;
  }

  /**
   * The m.receipt events of receipts with {@code after < position <= upTo}. An event has one place
   * for a user's receipt of a type: that of a thread and that of the room come in two.
   */
  List<ObjectNode> receipts(RoomId room, UserId user, Position after, Position upTo) {
    List<ObjectNode> told = new ArrayList<>();
    if (!upTo.isAfter(after)) {
      return told;
    }
    for (EphemeralView.Receipt receipt : ephemeral.receipts(room, after, upTo)) {
      if (isFor(receipt.receipt(), user)) {
        put(told, receipt.receipt());
      }
    }
    return told;
  }

  private static void put(List<ObjectNode> told, ReceiptRecord receipt) {
    ObjectNode data = Json.object().put("ts", receipt.ts());
    String thread = receipt.threadId();
    if (thread != null) {
      data.put("thread_id", thread);
    }
    for (ObjectNode event : told) {
      ObjectNode users = users(event, receipt);
      if (!users.has(receipt.user().value())) {
        users.set(receipt.user().value(), data);
        return;
      }
    }
    ObjectNode event = Json.object().put("type", "m.receipt");
    event.putObject("content");
    users(event, receipt).set(receipt.user().value(), data);
    told.add(event);
  }

  private static ObjectNode users(ObjectNode event, ReceiptRecord receipt) {
    return event
        .withObjectProperty("content")
        .withObjectProperty(receipt.eventId().value())
        .withObjectProperty(receipt.type());
  }

  private static boolean isFor(ReceiptRecord receipt, UserId user) {
    return !receipt.type().equals("m.read.private") || receipt.user().equals(user);
  }
}
