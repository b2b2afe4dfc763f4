package org.headrace.api.federation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.headrace.core.event.Redaction;
import org.headrace.core.json.Json;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.signatures.LocalSignatures;
import org.headrace.http.Peer;
import org.headrace.projections.view.EventRow;

/** Events as other servers are shown them: PDUs, with the signatures of those that are hosted. */
@Singleton
class ShownPdus {
  private final LocalSignatures signatures;
  private final ServerVisibility visibility;

  @Inject
  ShownPdus(LocalSignatures signatures, ServerVisibility visibility) {
    this.signatures = signatures;
    this.visibility = visibility;
  }

  /** The event, whoever reads it: of a state or an auth chain that is shown as a whole. */
  ObjectNode whole(EventRow row) {
    return complete(row.pdu(), version(row));
  }

  /**
   * The event for a peer in its room: redacted where the history is not for the peer's server. So
   * it has the whole graph, of which it may see the events' places, and not their content.
   */
  ObjectNode visible(EventRow row, Peer peer) {
    RoomVersion version = version(row);
    return visibility.isVisible(row, peer.origin())
        ? complete(row.pdu(), version)
        : complete(Redaction.redact(row.pdu(), version), version);
  }

  private ObjectNode complete(ObjectNode event, RoomVersion version) {
    ObjectNode pdu = Json.object();
    pdu.setAll(event);
    pdu.remove("unsigned");
    return signatures.complete(pdu, version);
  }

  private static RoomVersion version(EventRow row) {
    return RoomVersion.find(row.roomVersion())
        .orElseThrow(() -> new IllegalStateException("unknown version " + row.roomVersion()));
  }
}
