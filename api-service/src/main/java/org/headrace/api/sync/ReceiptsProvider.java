package org.headrace.api.sync;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
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

  /** The m.receipt event of receipts with {@code after < position <= upTo}, if there are any. */
  Optional<ObjectNode> receipts(RoomId room, UserId user, Position after, Position upTo) {
    if (!upTo.isAfter(after)) {
      return Optional.empty();
    }
    List<ReceiptRecord> shown =
        ephemeral.receipts(room, after, upTo).stream()
            .map(EphemeralView.Receipt::receipt)
            .filter(receipt -> isFor(receipt, user))
            .toList();
    if (shown.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode event = Json.object().put("type", "m.receipt");
    ObjectNode content = event.putObject("content");
    for (ReceiptRecord receipt : shown) {
      ObjectNode data =
          content
              .withObjectProperty(receipt.eventId().value())
              .withObjectProperty(receipt.type())
              .putObject(receipt.user().value());
      data.put("ts", receipt.ts());
      String thread = receipt.threadId();
      if (thread != null) {
        data.put("thread_id", thread);
      }
    }
    return Optional.of(event);
  }

  private static boolean isFor(ReceiptRecord receipt, UserId user) {
    return !receipt.type().equals("m.read.private") || receipt.user().equals(user);
  }
}
