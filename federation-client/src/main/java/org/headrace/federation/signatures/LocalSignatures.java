package org.headrace.federation.signatures;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.SortedSet;
import org.headrace.core.event.EventSignatures;
import org.headrace.core.id.ServerName;
import org.headrace.core.roomversion.RoomVersion;
import org.headrace.federation.client.TenantKeys;

/**
 * Signs events when they are shown to other servers. The log holds those made here without
 * signatures; a rotated key thus needs no second look at history, and event ids leave them out.
 */
public final class LocalSignatures {
  private final TenantKeys tenants;

  public LocalSignatures(TenantKeys tenants) {
    this.tenants = tenants;
  }

  /**
   * A copy of the event, whose format was checked, with a signature of each required server that is
   * hosted here: the sender's, that of the event id (room versions 1 and 2), and that of the user
   * who authorises a restricted join. The event itself if there is none.
   */
  public ObjectNode complete(ObjectNode pdu, RoomVersion version) {
    SortedSet<ServerName> signers = RequiredSigners.of(pdu, version);
    if (pdu.path("signatures").isEmpty()) {
      // It was made here. A third-party invite from elsewhere is not vouched for.
      signers.add(RequiredSigners.sender(pdu));
    }
    RequiredSigners.authorising(pdu, version).ifPresent(signers::add);
    ObjectNode completed = pdu;
    for (ServerName signer : signers) {
      if (tenants.isHosted(signer)) {
        completed = sign(completed, version, signer);
      }
    }
    return completed;
  }

  /** A copy of the event with this tenant's signature: the answer to an invite. */
  public ObjectNode sign(ObjectNode pdu, RoomVersion version, ServerName tenant) {
    return EventSignatures.sign(pdu, version, tenant, tenants.current(tenant));
  }
}
