package org.headrace.core.auth;

import java.util.Optional;
import java.util.function.Predicate;
import org.headrace.core.event.Pdu;
import org.headrace.core.event.StateKey;
import org.headrace.core.id.ServerName;

/**
 * What the rules need besides the room state.
 *
 * @param create the room's accepted create event; from version 12 on it is found by the room id,
 *     not among the auth events, so it must be given for every event but the create event itself
 * @param signedBy whether the event holds a valid signature of this server. Signatures are checked
 *     on receipt and before an append, so the answer comes from there
 */
public record AuthEvidence(Optional<Pdu> create, Predicate<ServerName> signedBy) {

  /** For an event whose signatures were checked when it was met. */
  public static AuthEvidence ofCreate(Optional<Pdu> create) {
    return new AuthEvidence(create, server -> true);
  }

  /** As {@link #ofCreate}, with the create event of this state. */
  public static AuthEvidence ofState(StateLookup state) {
    return ofCreate(state.get(StateKey.CREATE));
  }
}
